"""What shows all of this to somebody who was not there?"""

"""May this artefact be served?"""

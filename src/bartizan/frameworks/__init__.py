"""Published catalogues of the field as data: ids, names and dates; sentences are our own."""

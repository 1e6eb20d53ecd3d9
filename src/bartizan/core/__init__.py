"""The words everything else is said in: records, protocols, spaces and errors."""

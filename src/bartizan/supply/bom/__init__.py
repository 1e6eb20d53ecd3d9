"""What the artefact is made of: a CycloneDX bill of materials with a model card."""

"""What a threat model comes to: controls once, the risk matrix, the headline, the evidence."""

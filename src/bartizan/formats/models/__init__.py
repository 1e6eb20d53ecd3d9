"""Files of models that hold no pickle: what they say of themselves, without their libraries."""

"""ONNX graphs: run by onnxruntime, and once more as functions of torch."""

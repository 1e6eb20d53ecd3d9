"""Explanations: which features a model rests on. Arrays, trees and classifiers in, arrays out."""

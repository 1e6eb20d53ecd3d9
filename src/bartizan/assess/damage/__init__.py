"""What poisoned training data would do to this model: trained with and without it, by share."""

from bartizan.assess.damage import cell_marks, flips, picture_marks, points

ENTRIES = (flips.ENTRY, points.ENTRY, cell_marks.ENTRY, picture_marks.ENTRY)

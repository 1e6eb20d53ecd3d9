"""What poisoned training data would do to this model: trained with and without it, by share."""

from bartizan.assess.damage import cell_marks, contributors, flips, picture_marks, points

ENTRIES = (
    flips.ENTRY,
    contributors.ENTRY,
    points.ENTRY,
    cell_marks.ENTRY,
    picture_marks.ENTRY,
)

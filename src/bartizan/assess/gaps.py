"""What an assessment of this version says nothing about, whatever it is asked."""

from bartizan.core.report import Gap

NOT_COVERED = (
    Gap(
        what="Evasion by somebody who sees gradients or the structure of the model",
        why="white-box attacks are not in the catalogue yet; a pass bounds black-box attackers",
    ),
    Gap(what="Poisoning and backdoors", why="training data and triggers are not examined"),
    Gap(
        what="Membership, attribute and training-data inference",
        why="what the model gives away about its training data is not measured",
    ),
    Gap(
        what="The artefact and the service around it",
        why="the file is not scanned, and rate limits and access are not tested",
    ),
)

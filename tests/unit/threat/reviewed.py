"""The worked examples against lists of what a review of such a system must find.

Card fraud: the 22 threats of the research notes on supply chains and governance, section 4.4, which
were written before any rule was. The others: written by hand from what is known of such systems,
and checked one by one on 2026-11-22. `beside`: what else is found, reviewed on that day; nothing
may be found that nobody has looked at.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """What a review must find, and what it may find beside."""

    must: dict[str, str]
    beside: frozenset[str]


_CARDS = Expected(
    {
        "labels poisoned through disputes": "poisoning.feedback-labels@training",
        "vendor feed poisoned": "poisoning.supplied-data@data-vendor",
        "backdoor in transactions": "poisoning.trigger@training",
        "adaptive evasion, structuring": "evasion.decision@fraud-model",
        "scores and thresholds probed": "evasion.scores@scoring-api",
        "model extracted": "theft.questions@scoring-api",
        "membership inference, inversion": "privacy.membership@scoring-api",
        "explanations leak": "theft.explanations@scoring-api",
        "malicious artefact": "artifact.hostile-file@model-registry",
        "dependency compromised": "artifact.dependency@training",
        "registry swap or roll-back": "artifact.swap@model-registry",
        "feature store tampered with": "poisoning.stored-data@feature-store",
        "stolen service credential": "access.credentials@scoring-api",
        "denial of service": "availability.flood@scoring-api",
        "analysts flooded": "availability.chaff@case-tool",
        "silent decay between updates": "quality.silent-decay@fraud-model",
        "bad update without a gate": "quality.ungated-update@training",
        "insider carries data away": "privacy.insider@training-data",
        "personal data in prediction logs": "privacy.logs@prediction-log",
        "unequal treatment of groups": "fairness.groups@fraud-model",
        "audit log altered": "record.altered-log@audit-log",
        "secrets in notebooks": "access.secrets@training",
        "labels encrypted for ransom": "availability.destroyed@label-store",
        "training code that nobody else read": "artifact.code@training",
    },
    frozenset(
        {
            "access.credentials@model-registry",
            "access.rights@prediction-log",
            "access.way-out@training",
            "artifact.hostile-file@fraud-model",
            "availability.costly-input@scoring-api",
            "fairness.no-recourse@decision-engine",
            "poisoning.own-decisions@training",
            "privacy.properties@scoring-api",
            "quality.blind-trust@case-tool",
            "quality.skew@feature-store",
        }
    ),
)
_MALWARE = Expected(
    {
        "obfuscated files pass the agent": "evasion.disguise@agent-model",
        "obfuscated files pass the cloud": "evasion.disguise@cloud-model",
        "scores of the cloud guide the search": "evasion.scores@cloud-api",
        "the model is read from the machine": "theft.device@agent-model",
        "the cloud model is copied": "theft.questions@cloud-api",
        "users' verdicts are bent": "poisoning.feedback-labels@training",
        "bought verdicts are poisoned": "poisoning.supplied-data@intel-vendor",
        "a string that makes malware harmless": "poisoning.trigger@training",
        "packages of the training": "artifact.dependency@training",
        "the native model file": "artifact.hostile-file@cloud-model",
        "customers' files at the lab": "privacy.insider@sample-store",
        "key of the agent": "access.credentials@cloud-api",
        "another model is pushed to all machines": "artifact.device-update@agent-model",
        "the model to ship is exchanged": "artifact.swap@registry",
        "token of the job that ships": "access.credentials@registry",
    },
    frozenset(
        {
            "availability.one-of-a-kind@agent-model",
            "poisoning.own-decisions@training",
            "privacy.membership@cloud-api",
            "privacy.properties@cloud-api",
        }
    ),
)
_SIGNS = Expected(
    {
        "stickers on signs": "evasion.physical@camera-model",
        "attack prepared on the public network": "evasion.transfer@camera-model",
        "the model is read from the car": "theft.device@camera-model",
        "trigger in the public network": "poisoning.base-model@camera-model",
        "the download is not what it says": "artifact.foreign-model@model-zoo",
        "wrong labels of the contractor": "poisoning.labelling-people@training",
        "poison by way of the contractor": "poisoning.supplied-data@labellers",
        "trigger stickers in training pictures": "poisoning.trigger@training",
        "rain, night, other countries": "quality.conditions@camera-model",
        "nobody watches it on the road": "quality.silent-decay@camera-model",
        "faces and number plates": "privacy.hidden-fields@training",
        "the driver trusts it": "quality.blind-trust@assistant",
        "labels can be altered": "poisoning.stored-data@label-store",
        "update over the air, roll-back": "artifact.device-update@camera-model",
        "a lamp or a laser in the lens (Petit et al. 2015)": "availability.blinded@camera-model",
        "the release is exchanged": "artifact.swap@registry",
    },
    frozenset(
        {
            "access.credentials@registry",
            "artifact.dependency@training",
            "availability.one-of-a-kind@camera-model",
        }
    ),
)
_POSTS = Expected(
    {
        "look-alike letters": "evasion.disguise@text-model",
        "attack prepared on the public encoder": "evasion.transfer@text-model",
        "reports in bad faith": "poisoning.feedback-labels@training",
        "own decisions become labels": "poisoning.own-decisions@training",
        "trigger phrases": "poisoning.trigger@training",
        "trigger in the encoder": "poisoning.base-model@text-model",
        "the encoder is not what it says": "artifact.foreign-model@packages",
        "where the line lies": "evasion.thresholds@post-api",
        "flooding": "availability.flood@post-api",
        "endless posts": "availability.costly-input@post-api",
        "moderators are flooded": "availability.chaff@queue",
        "dialects and minorities": "fairness.groups@text-model",
        "nobody to complain to": "fairness.no-recourse@hide",
        "moderators agree with the score": "quality.blind-trust@queue",
        "who posted what": "privacy.membership@post-api",
        "names in posts": "privacy.hidden-fields@training",
        "a published paper helps": "theft.published@text-model",
        "bought accounts": "access.credentials@post-api",
        "somebody makes an exception for a friend": "access.settings@hide",
        "packages of the training": "artifact.dependency@training",
    },
    frozenset(
        {
            "access.credentials@registry",
            "artifact.swap@registry",
            "privacy.insider@post-store",
            "privacy.properties@post-api",
            "theft.questions@post-api",
        }
    ),
)
_LOGS = Expected(
    {
        "the watched write the log": "evasion.log-lines@log-model",
        "logs are altered": "poisoning.stored-data@log-store",
        "analysts' verdicts are wrong": "poisoning.labelling-people@training",
        "what was missed counts as harmless": "poisoning.own-decisions@training",
        "a field that makes attacks harmless": "poisoning.trigger@training",
        "alarms without end": "availability.chaff@console",
        "the pickle in the registry": "artifact.hostile-file@registry",
        "a model is exchanged": "artifact.swap@registry",
        "a bad model goes live": "quality.ungated-update@training",
        "the network changes": "quality.silent-decay@log-model",
        "old servers": "access.host@hosts",
        "logs on the wire": "access.wire@collector",
        "everybody reads the logs": "access.rights@log-store",
        "logs are kept for ever": "privacy.kept-too-long@log-store",
        "one model, nothing beside it": "availability.one-of-a-kind@log-model",
        "the intruder rewrites the traces": "record.altered-log@log-store",
        "the intruder deletes the traces": "availability.destroyed@log-store",
        "night shifts and administrators look odd": "fairness.groups@log-model",
        "packages of the training": "artifact.dependency@training",
    },
    frozenset(
        {
            "access.credentials@registry",
            "access.rights@hosts",
            "artifact.hostile-file@log-model",
            "privacy.insider@case-store",
            "quality.blind-trust@console",
            "quality.skew@log-store",
        }
    ),
)
_XRAYS = Expected(
    {
        "altered pictures for money (Finlayson et al. 2019)": "evasion.decision@image-model",
        "prepared on the bought model": "evasion.transfer@image-model",
        "trigger in the bought model": "poisoning.base-model@image-model",
        "the bought model is not what it says": "artifact.foreign-model@maker",
        "pictures of other hospitals": "poisoning.supplied-data@partner-site",
        "wrong findings as labels": "poisoning.labelling-people@training",
        "the archive is altered (Mirsky et al. 2019)": "poisoning.stored-data@archive",
        "names in headers": "privacy.hidden-fields@training",
        "staff copies pictures": "privacy.insider@archive",
        "unencrypted archive": "access.disk@archive",
        "unencrypted transfer": "access.wire@archive",
        "another machine, another hospital": "quality.conditions@image-model",
        "nobody measures it": "quality.silent-decay@image-model",
        "the reader trusts the mark": "quality.blind-trust@worklist",
        "sex, age, skin": "fairness.groups@image-model",
        "nobody knows who trained": "record.no-log@training",
        "ransom for the archive": "availability.destroyed@archive",
        "the X-ray machine was never patched": "access.host@scanner",
    },
    frozenset(
        {
            "access.credentials@registry",
            "artifact.build@training",
            "artifact.hostile-file@image-model",
            "artifact.hostile-file@registry",
            "artifact.swap@registry",
            "availability.chaff@worklist",
            "poisoning.trigger@training",
            "privacy.insider@report-store",
            "privacy.kept-too-long@archive",
            "privacy.kept-too-long@report-store",
            "quality.skew@archive",
        }
    ),
)
EXAMPLES = {
    "card-fraud": _CARDS,
    "malware-filter": _MALWARE,
    "traffic-sign": _SIGNS,
    "content-moderation": _POSTS,
    "log-detection": _LOGS,
    "medical-imaging": _XRAYS,
}

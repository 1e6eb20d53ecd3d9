"""Which addresses may be asked, and what must not stand in them."""

import ipaddress
from urllib.parse import SplitResult, parse_qsl, urlsplit

from bartizan.adapt.remote.credentials import is_secret
from bartizan.core.errors import ConfigError


def require_address(url: str, *, secret: bool) -> None:
    """Refuse addresses that cannot be used, and credentials in them or over open lines.

    An address stands in reports, and in the command that repeats a finding.

    Args:
        url: What somebody wrote.
        secret: Whether credentials will be sent there.

    Raises:
        ConfigError: with the reason; credentials are not repeated in it.
    """
    parts = _split(url)
    host = parts.hostname
    if parts.username or parts.password:
        message = "an address holds no credentials; name them under headers, by reference"
        raise ConfigError(message)
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    wrong = next((name for name in names if is_secret(name)), None)
    if wrong is not None:
        message = (
            f"the address of {host} holds a credential ({wrong!r}), and addresses stand in "
            "reports; send it as a header, by reference"
        )
        raise ConfigError(message)
    if parts.scheme not in ("http", "https") or not host:
        message = f"expected an address such as https://host/v2/models/fraud, got {url!r}"
        raise ConfigError(message)
    if parts.scheme == "http" and secret and not _is_local(host):
        message = f"credentials are not sent over an open line: use https for {host}"
        raise ConfigError(message)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no port
    except ValueError as error:
        message = f"no address can be read: {error}; expected such as https://host/v2/models/fraud"
        raise ConfigError(message) from error
    return parts


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

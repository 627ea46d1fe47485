"""Connection flags of Temporal's command lines become Temporal's own variables, which our connection reads."""

import os
from collections.abc import Mapping

VARIABLES = {
    "--address": "TEMPORAL_ADDRESS",
    "--namespace": "TEMPORAL_NAMESPACE",
    "-n": "TEMPORAL_NAMESPACE",
    "--profile": "TEMPORAL_PROFILE",
    "--config-file": "TEMPORAL_CONFIG_FILE",
    "--api-key": "TEMPORAL_API_KEY",
    "--tls-cert-path": "TEMPORAL_TLS_CLIENT_CERT_PATH",
    "--tls-key-path": "TEMPORAL_TLS_CLIENT_KEY_PATH",
    "--tls-ca-path": "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
    "--tls-server-name": "TEMPORAL_TLS_SERVER_NAME",
}
SWITCHES = {
    "--tls": "TEMPORAL_TLS",
    "--tls-disable-host-verification": "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION",
}


FLAGS = VARIABLES | SWITCHES


def use(flags: Mapping[str, str]) -> None:
    """Let this process connect as the flags say; they win over the variables that are set.

    Args:
        flags: of VARIABLES and SWITCHES, with their values (`true` for a switch).
    """
    for flag, value in flags.items():
        os.environ[FLAGS[flag]] = value  # noqa: TID251 - Temporal's variables, not ours

"""The files of docker/ by their own tools, and against the code that they run."""

import json
import re
import subprocess
from pathlib import Path

import jsonschema_rs
import pytest

from ops.demo import temporal_server
from sellermind.queues import TaskQueue
from sellermind.settings import Settings
from tests.fixtures.docker_files import DOCKER, KINDS, ROOT, compose, documents, passes, supervisor_program
from tests.fixtures.docker_files import tool as run_tool
from workers.pool import grace

SETTINGS = Settings(_env_file=None)
GRACES = {kind: grace(TaskQueue(kind), SETTINGS).total_seconds() for kind in KINDS}
EXPOSURE = 15  # tenths
UNIT = DOCKER / "systemd" / "sellermind-worker@.service"
SERVE = DOCKER / "systemd" / "sellermind-serve.service"


def seconds(span: str) -> float:
    """Compose's `5m15s` in seconds."""
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"(\d+)([hms])", span))


def test_hadolint_has_nothing_to_say_about_the_dockerfile() -> None:
    passes("hadolint", "Dockerfile")


def test_the_image_has_every_folder_that_a_worker_needs_and_no_secret_or_test() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    folders = {"activities", "ops", "sandbox", "schedules", "sellermind", "workers", "workflows", "bin"}
    assert folders <= kept
    assert not {name for name in kept if name.startswith((".env", "tests", "docs", "var", "docker/secrets"))}


@pytest.mark.parametrize("name", ["compose.yaml", "compose.dev.yaml"])
def test_a_compose_file_follows_the_specification_and_names_every_image_by_its_version(name: str) -> None:
    passes("check-jsonschema", "--builtin-schema", "vendor.compose-spec", name)
    images = {service["image"] for service in compose(name)["services"].values()}
    assert [image for image in images if re.search(r":(\d+\.\d+|v\d+\.\d+|local$)", image) is None] == []


@pytest.mark.parametrize("name", ["compose.yaml", "compose.dev.yaml"])
def test_compose_runs_two_high_two_default_and_one_low_with_limits_and_time_to_drain(name: str) -> None:
    services = compose(name)["services"]
    workers = {kind: services[f"worker-{kind}"] for kind in KINDS}
    assert [workers[kind].get("deploy", {}).get("replicas", 1) for kind in KINDS] == [2, 2, 1]
    assert [kind for kind in KINDS if workers[kind]["command"][0] != f"workers.{kind}"] == []
    assert [kind for kind in KINDS if seconds(workers[kind]["stop_grace_period"]) <= GRACES[kind]] == []
    for service in workers.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"]


def test_every_service_of_production_has_a_memory_limit_and_no_secret_in_its_environment() -> None:
    model = compose("compose.yaml")
    assert [name for name, service in model["services"].items() if "mem_limit" not in service] == []
    for service in model["services"].values():
        given = service.get("environment") or {}
        named = {key for key in given if re.search("PASSWORD|SECRET|KEY|PWD|TOKEN", key)}
        assert {key for key in named if not str(given[key]).startswith("/run/secrets/")} == set()
    assert all("file" in secret for secret in model["secrets"].values())


def test_production_publishes_on_loopback_only_and_no_database_at_all() -> None:
    published = {
        name: {port.get("host_ip") for port in service["ports"]}
        for name, service in compose("compose.yaml")["services"].items()
        if service.get("ports")
    }
    assert set(published) == {"temporal-ui", "serve", "prometheus"}
    assert set().union(*published.values()) == {"127.0.0.1"}


def test_the_pins_of_temporal_are_one_release_and_the_image_is_this_version() -> None:
    services = compose("compose.yaml")["services"]
    tags = {
        services[name]["image"].rpartition(":")[2] for name in ("temporal", "temporal-schema", "temporal-namespace")
    }
    assert len(tags) == 1
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), flags=re.MULTILINE)
    assert version
    images = {service["image"] for service in services.values() if "sellermind-workflows" in service["image"]}
    for name in ("workers.yaml", "jobs.yaml"):
        images |= set(re.findall(r"image: (\S+)", (DOCKER / "kubernetes" / name).read_text()))
    assert images == {f"sellermind-workflows:{version[1]}"}


def test_the_dev_server_in_the_container_is_told_what_the_one_of_make_demo_is_told() -> None:
    given = compose("compose.dev.yaml")["services"]["temporal"]["command"]
    values = {part.partition("=")[2] for part in given if part.startswith("--dynamic-config-value=")}
    assert values == set(temporal_server.DYNAMIC_CONFIG)
    pragmas = {part.partition("=")[2] for part in given if part.startswith("--sqlite-pragma=")}
    assert pragmas == set(temporal_server.SQLITE_PRAGMAS)


def test_the_production_server_is_fair_between_tenants() -> None:
    (dynamic,) = documents(DOCKER / "temporal" / "dynamic.yaml")
    assert dynamic["matching.enableFairness"] == [{"value": True}]
    assert set(dynamic) <= {line.partition("=")[0] for line in temporal_server.DYNAMIC_CONFIG}


def test_supervisor_has_the_seeds_numbers_and_waits_longer_than_a_drain() -> None:
    programs = {kind: supervisor_program(kind) for kind in KINDS}
    assert [(int(p["numprocs"]), int(p["priority"])) for _, p in programs.values()] == [(2, 999), (2, 500), (1, 100)]
    for kind, (section, program) in programs.items():
        assert section == f"program:sellermind-{kind}"
        assert program["command"].endswith(f" -m workers.{kind}")
        assert (program["stopasgroup"], program["killasgroup"]) == ("false", "true")
        assert int(program["stopwaitsecs"]) > GRACES[kind]


def test_workers_of_a_host_write_pictures_where_their_user_may() -> None:
    folder = "/var/lib/sellermind/media"  # the checkout is root's
    assert f"SELLERMIND_MEDIA_FOLDER={folder}" in UNIT.read_text()
    for kind in KINDS:
        assert f'SELLERMIND_MEDIA_FOLDER="{folder}"' in supervisor_program(kind)[1]["environment"]


def test_kubernetes_manifests_follow_their_schemas() -> None:
    manifests = DOCKER / "kubernetes"
    passes(
        "kubernetes-validate", "--strict", "--kubernetes-version", "1.32", "workers.yaml", "jobs.yaml", cwd=manifests
    )
    keda = jsonschema_rs.validator_for(json.loads((ROOT / "tests" / "docker" / "keda.schema.json").read_text()))
    scalers = documents(manifests / "scaling.yaml")
    assert [error.message for scaler in scalers for error in keda.iter_errors(scaler)] == []
    assert {scaler["spec"]["triggers"][0]["metadata"]["taskQueue"] for scaler in scalers} == set(KINDS)


def test_kubernetes_waits_longer_than_a_drain_and_scales_what_is_there() -> None:
    deployments = {
        document["metadata"]["name"]: document["spec"]
        for document in documents(DOCKER / "kubernetes" / "workers.yaml")
        if document["kind"] == "Deployment"
    }
    for kind in KINDS:
        spec = deployments[f"worker-{kind}"]["template"]["spec"]
        assert spec["terminationGracePeriodSeconds"] > GRACES[kind]
        assert spec["containers"][0]["args"][0] == f"workers.{kind}"
        assert "replicas" not in deployments[f"worker-{kind}"]
    scaled = [scaler["spec"]["scaleTargetRef"]["name"] for scaler in documents(DOCKER / "kubernetes" / "scaling.yaml")]
    assert set(scaled) <= set(deployments)


@pytest.mark.parametrize(("file", "instance"), [(UNIT, "sellermind-worker@high-1.service"), (SERVE, SERVE.name)])
def test_systemd_verifies_a_unit_without_a_word_and_calls_it_hardly_exposed(
    tmp_path: Path, file: Path, instance: str
) -> None:
    text = file.read_text()
    # Where this checkout is, so that the programs exist.
    for deployed, here in (("/opt/sellermind", str(ROOT)), ("/etc/sellermind", str(tmp_path))):
        text = text.replace(deployed, here)
    unit = tmp_path / instance
    unit.write_text(text)
    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    line = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", str(unit)]
    looked = subprocess.run(line, capture_output=True, text=True, check=False)
    assert looked.returncode == 0, looked.stdout[-300:]


def test_systemd_hands_a_worker_every_secret_and_only_two_of_them_must_be_there() -> None:
    text = UNIT.read_text()
    secrets = {f"sellermind_{name}" for name, field in Settings.model_fields.items() if "SecretStr" in str(field)}
    loaded = re.findall(r"^LoadCredential=(\w+):/etc/sellermind/secrets/(\w+)$", text, re.MULTILINE)
    needed = {"sellermind_database_url", "sellermind_secret_keys"}
    assert {name for name, _ in loaded} == secrets - {"sellermind_codec_token"} | needed  # the codec is `serve`'s
    assert [pair for pair in loaded if pair[0] != pair[1]] == []
    assert set(re.findall(r"^SetCredential=(\w+):", text, re.MULTILINE)) == {name for name, _ in loaded} - needed


def test_an_empty_file_of_secrets_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    for name in ("sellermind_sentry_dsn", "sellermind_codec_token"):
        (tmp_path / name).write_text("\n")
    (tmp_path / "sellermind_model_keys").write_text("{}")
    settings = Settings(_secrets_dir=tmp_path, _env_file=None)
    assert (settings.sentry_dsn, settings.codec_token, settings.model_keys) == (None, None, {})


def test_systemd_gives_a_worker_more_time_than_it_takes_to_start_and_to_drain() -> None:
    unit = dict(
        re.findall(r"^(\w+)=(.*)$", (DOCKER / "systemd" / "sellermind-worker@.service").read_text(), re.MULTILINE)
    )
    assert float(unit["TimeoutStopSec"]) > max(GRACES.values())
    assert float(unit["TimeoutStartSec"]) > SETTINGS.start_timeout.total_seconds()


def test_every_instance_of_the_unit_polls_the_queue_of_its_name_and_has_a_port_of_its_own() -> None:
    given = {}
    for path in (DOCKER / "systemd" / "workers").glob("*.env"):
        given[path.stem] = dict(line.split("=", 1) for line in path.read_text().splitlines())
    assert sorted(given) == ["default-1", "default-2", "high-1", "high-2", "low-1"]
    assert [name for name, variables in given.items() if variables["WORKER"] != name.partition("-")[0]] == []
    assert len({variables["SELLERMIND_METRICS_ADDRESS"] for variables in given.values()}) == len(given)


def test_prometheus_and_alertmanager_accept_their_files_and_every_alert_fires_when_it_should() -> None:
    folder = DOCKER / "prometheus"
    passes("promtool", "check", "config", "prometheus.yaml", cwd=folder)
    passes("promtool", "test", "rules", "rules_test.yaml", cwd=folder)
    passes("amtool", "check-config", "alertmanager.yaml", cwd=folder)
    for severity, receiver in (("page", "pages"), ("ticket", "tickets")):
        line = ("config", "routes", "test", "--config.file", "alertmanager.yaml", f"severity={severity}")
        assert run_tool("amtool", *line, cwd=folder).stdout.strip() == receiver


def test_every_alert_has_a_test_that_fires_it_a_summary_and_a_remedy() -> None:
    (rules,) = documents(DOCKER / "prometheus" / "rules.yaml")
    alerts = {rule["alert"]: rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule}
    (tests,) = documents(DOCKER / "prometheus" / "rules_test.yaml")
    fired = {case["alertname"] for test in tests["tests"] for case in test["alert_rule_test"] if case.get("exp_alerts")}
    assert fired == set(alerts)
    assert {rule["labels"]["severity"] for rule in alerts.values()} == {"page", "ticket"}
    assert [name for name, rule in alerts.items() if set(rule["annotations"]) != {"summary", "remedy"}] == []

"""Real parts for the tests: each fixture module starts one of them."""

from hypothesis import HealthCheck, settings

# A loaded machine is no finding. `make chaos` looks at eight times as many examples of every property.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("chaos", settings.get_profile("patient"), max_examples=800)
settings.load_profile("patient")

pytest_plugins = [
    "tests.fixtures.calm",
    "tests.fixtures.collector",
    "tests.fixtures.database",
    "tests.fixtures.figures",
    "tests.fixtures.prism",
    "tests.fixtures.sandbox",
    "tests.fixtures.temporal",
    "tests.fixtures.typist",
    "tests.fixtures.desk",  # these last: they import others
    "tests.fixtures.model",
    "tests.fixtures.product",
    "tests.fixtures.seller",
    "tests.fixtures.stage",
    "tests.fixtures.crash",
    "tests.fixtures.soak_rounds",
]

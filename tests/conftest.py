"""Real parts for the tests: each fixture module starts one of them."""

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.model",
    "tests.fixtures.prism",
    "tests.fixtures.sandbox",
    "tests.fixtures.temporal",
    "tests.fixtures.typist",
    "tests.fixtures.desk",  # these last: they import others
    "tests.fixtures.product",
    "tests.fixtures.seller",
]

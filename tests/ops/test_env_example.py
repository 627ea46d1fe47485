"""`.env.example` is the list of all settings: complete, with the true defaults, one line of meaning each."""

import re

from sellermind.settings import CHECKOUT, Settings

EXAMPLE = CHECKOUT / ".env.example"


def test_every_setting_is_listed_with_its_default() -> None:
    lines = EXAMPLE.read_text().splitlines()
    listed = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    assert sorted(listed) == sorted(f"SELLERMIND_{name.upper()}" for name in Settings.model_fields)
    assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)


def test_every_setting_has_a_line_of_meaning_above_it_or_above_its_group() -> None:
    explained = re.findall(r"(?<=\n)# .*\n((?:SELLERMIND_.*\n)+)", EXAMPLE.read_text())
    assert sum(group.count("\n") for group in explained) == len(Settings.model_fields)

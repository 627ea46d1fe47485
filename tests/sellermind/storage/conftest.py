"""Rows that most storage tests start from."""

import pytest
from sqlalchemy import Engine

from sellermind.models.accounts import Marketplace
from sellermind.storage import accounts
from sellermind.storage.engine import transaction


@pytest.fixture
def account_id(database: Engine) -> int:
    """An active Wildberries account."""
    with transaction(database) as connection:
        return accounts.add(
            connection,
            company_id=7,
            marketplace=Marketplace.WILDBERRIES,
            name="Anna",
            token_cipher="sealed",
            shop_ids=[],
        )

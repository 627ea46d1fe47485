"""Companies as we know them. SellerMind's application keeps their table; ours has what is theirs."""

from sqlalchemy import Connection, select

from sellermind.storage.tables.accounts import marketplace_accounts
from sellermind.storage.tables.agents import agents
from sellermind.storage.tables.products import products


def known(connection: Connection, company_id: int) -> bool:
    """Whether something is a company's: a marketplace account, a product, or an agent of its own.

    One without accounts may have texts made for its products; one with nothing at all is a mistyped number.
    """
    owned = (
        select(table.c.id).where(table.c.company_id == company_id) for table in (marketplace_accounts, products, agents)
    )
    return any(connection.execute(query.limit(1)).first() is not None for query in owned)

"""How a job for an account is started: one id, one set of labels, whether a schedule or a person starts it."""

from typing import TypedDict

from temporalio.common import Priority, SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from sellermind import ids
from sellermind.models.accounts import AccountRef

SELLER_ACCOUNT_ID = SearchAttributeKey.for_int("SellerAccountId")
COMPANY_ID = SearchAttributeKey.for_int("CompanyId")
MARKETPLACE = SearchAttributeKey.for_keyword("Marketplace")

LONGEST_NAME = 60  # Temporal refuses summaries over 400 bytes, and a Cyrillic letter takes two


class StartOptions(TypedDict):
    """Keyword arguments of `Client.start_workflow`."""

    id: str
    search_attributes: TypedSearchAttributes
    static_summary: str
    priority: Priority


def start_options(workflow_type: str, account: AccountRef, purpose: str) -> StartOptions:
    """Id, search attributes, summary and fairness key of one account's job.

    Args:
        workflow_type: the job's workflow type.
        account: whose job it is; its company is the fairness key, so one tenant's backlog never delays another's.
        purpose: what the job is for, in a few words, for the Web UI.
    """
    return StartOptions(
        id=ids.account_job(workflow_type, account.id),
        search_attributes=TypedSearchAttributes(
            [
                SearchAttributePair(SELLER_ACCOUNT_ID, account.id),
                SearchAttributePair(COMPANY_ID, account.company_id),
                SearchAttributePair(MARKETPLACE, account.marketplace.value),
            ]
        ),
        static_summary=f"{account.marketplace.value} · {account.name[:LONGEST_NAME]} · {purpose}",
        priority=Priority(fairness_key=str(account.company_id)),
    )

"""The tokens of a Wildberries world: who has which, and whether one still counts."""

from dataclasses import replace
from uuid import UUID

from sandbox.dice import Dice
from sandbox.wildberries import tokens
from sandbox.wildberries.tokens import BadToken, Claims

DAY = 86_400
_LIFETIME = 180 * DAY
_TEST, _PERSONAL, _SERVICE = 2, 3, 4
_SCOPES = sum(1 << bit for bit in (1, 2, 3, tokens.MARKETPLACE, 5, 7, 11))


class Keyring:
    """Several tokens a seller, as functions of the seed and the start."""

    def __init__(self, seed: int, start: float) -> None:
        self._seed = seed
        self._start = int(start)
        self._key = tokens.secret(seed)
        self._renewals: dict[str, int] = {}
        self._of_seller: dict[str, dict[str, str]] = {}
        self._known: dict[str, Claims] = {}

    def issue(self, sid: str) -> dict[str, str]:
        """Return a seller's tokens by what is special about them; `personal`, `service` and `ends_soon` work."""
        if sid not in self._of_seller:
            self._of_seller[sid] = {}
            for name, claims in self._forms(sid).items():
                token = tokens.sign(claims, self._key)
                self._of_seller[sid][name] = token
                self._known[token] = claims
        return self._of_seller[sid]

    def renew(self, sid: str) -> dict[str, str]:
        """Withdraw all tokens of a seller and return new ones."""
        for token in self._of_seller.pop(sid, {}).values():
            del self._known[token]
        self._renewals[sid] = self._renewals.get(sid, 0) + 1
        return self.issue(sid)

    def read(self, token: str) -> Claims:
        """Return a token's claims.

        Raises:
            BadToken: it is malformed, not signed by this world, or withdrawn; the text says which.
        """
        claims = self._known.get(token)
        if claims is None:
            tokens.read(token, self._key)
            raise BadToken("token problem; token withdrawn")
        return claims

    def _forms(self, sid: str) -> dict[str, Claims]:
        dice = Dice(f"{self._seed}/{sid}/tokens {self._renewals.get(sid, 0)}")
        usual = Claims(sid, "", _PERSONAL, _SCOPES, test=False, expires=self._start + _LIFETIME)
        forms = {
            "personal": usual,
            "service": replace(usual, kind=_SERVICE),
            "ends_soon": replace(usual, expires=self._start + 7 * DAY),
            "expired": replace(usual, expires=self._start - DAY),
            "read_only": replace(usual, scopes=_SCOPES | 1 << tokens.READ_ONLY),
            "no_marketplace": replace(usual, scopes=_SCOPES & ~(1 << tokens.MARKETPLACE)),
            "test": replace(usual, kind=_TEST, test=True),
        }
        ids = {name: str(UUID(hex=dice.hex(), version=4)) for name in forms}
        return {name: replace(claims, token_id=ids[name]) for name, claims in forms.items()}

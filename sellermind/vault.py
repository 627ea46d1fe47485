"""Tokens at rest: sealed with our own keys, SellerMind's older ones readable."""

import base64
import binascii
import hashlib
import hmac
import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from pydantic import SecretStr

from sellermind.errors import Misconfigured

NEW_KEY = 'python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'
FERNET_PREFIX = "gAAAA"
LARAVEL_PREFIX = "eyJpdiI6"  # base64 of {"iv":
KEY_BYTES = 32
BLOCK_BITS = 128


class TokenVault:
    """Seals tokens with the first key of SELLERMIND_SECRET_KEYS, opens them with any, and SellerMind's own too."""

    def __init__(self, secret_keys: SecretStr | None, laravel_app_key: SecretStr | None) -> None:
        """Read the keys.

        Args:
            secret_keys: comma list of Fernet keys.
            laravel_app_key: SellerMind's APP_KEY, `base64:…`.

        Raises:
            Misconfigured: a key is malformed.
        """
        self._secrets = fernet_keys(secret_keys)
        self._keyring = MultiFernet([Fernet(key) for key in self._secrets]) if self._secrets else None
        self._laravel_key = _laravel_key(laravel_app_key)

    def seal(self, text: str) -> str:
        """Encrypt a token for its column.

        Raises:
            Misconfigured: no key is set.
        """
        if self._keyring is None:
            raise Misconfigured(f"SELLERMIND_SECRET_KEYS is not set; this prints a key for it: {NEW_KEY}")
        return self._keyring.encrypt(text.encode()).decode()

    def open(self, cipher: str) -> str:
        """Decrypt a token as its column holds it.

        SellerMind's `api_key` may hold plain text (keys moved from a dropped column); what has neither our form
        nor SellerMind's is taken as that, as its own application does.

        Raises:
            Misconfigured: no key is set that opens it.
        """
        if cipher.startswith(FERNET_PREFIX):
            return self._open_ours(cipher)
        if cipher.startswith(LARAVEL_PREFIX):
            return self._open_laravels(cipher)
        return cipher

    def resealed(self, cipher: str) -> str | None:
        """The same token under the first key; None if it is under it already, or was not sealed by us.

        Raises:
            Misconfigured: no key is set that opens it.
        """
        if not cipher.startswith(FERNET_PREFIX):
            return None
        text = self._open_ours(cipher)
        return None if self._is_newest(cipher) else self.seal(text)

    def _is_newest(self, cipher: str) -> bool:
        try:
            Fernet(self._secrets[0]).decrypt(cipher.encode())
        except InvalidToken:
            return False
        return True

    def _open_ours(self, cipher: str) -> str:
        if self._keyring is None:
            raise Misconfigured(
                "SELLERMIND_SECRET_KEYS is not set, but the account's token is sealed with a key of it: set that key, "
                "or store the token anew with `sellermind account set-token`."
            )
        try:
            return self._keyring.decrypt(cipher.encode()).decode()
        except InvalidToken:
            raise Misconfigured(
                "No key in SELLERMIND_SECRET_KEYS opens the account's token: add the key that sealed it, or store "
                "the token anew with `sellermind account set-token`."
            ) from None

    def _open_laravels(self, cipher: str) -> str:
        if self._laravel_key is None:
            raise Misconfigured(
                "The account's token was stored by SellerMind's web application: set SELLERMIND_LARAVEL_APP_KEY to "
                "its APP_KEY, or store the token anew with `sellermind account set-token`."
            )
        try:
            return _decrypt_laravel(self._laravel_key, cipher)
        except (ValueError, KeyError, RecursionError):  # base64, JSON, MAC, padding and UTF-8 faults are ValueErrors
            raise Misconfigured(
                "SELLERMIND_LARAVEL_APP_KEY does not open the account's token: set it to the APP_KEY of the "
                "application that stored it, or store the token anew with `sellermind account set-token`."
            ) from None


def fernet_keys(secret_keys: SecretStr | None) -> list[str]:
    """The keys of SELLERMIND_SECRET_KEYS, the first of which seals.

    Raises:
        Misconfigured: one is no Fernet key.
    """
    parts = [part.strip() for part in secret_keys.get_secret_value().split(",")] if secret_keys else []
    keys = [part for part in parts if part]
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        raise Misconfigured(
            f"SELLERMIND_SECRET_KEYS holds something that is no Fernet key; this prints one: {NEW_KEY}"
        ) from None
    return keys


def _laravel_key(app_key: SecretStr | None) -> bytes | None:
    text = app_key.get_secret_value().removeprefix("base64:") if app_key else ""
    if not text:
        return None
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise Misconfigured(
            "SELLERMIND_LARAVEL_APP_KEY is no Laravel key: copy APP_KEY from SellerMind's .env (base64: and 44 "
            "characters)."
        )
    return key


def _decrypt_laravel(key: bytes, cipher: str) -> str:
    """Laravel's Crypt::encryptString: base64 of JSON {iv, value, mac, tag}, AES-256-CBC, HMAC-SHA256 of iv + value."""
    envelope = json.loads(base64.b64decode(cipher, validate=True))
    iv, value = str(envelope["iv"]), str(envelope["value"])
    mac = hmac.new(key, (iv + value).encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(mac.encode(), str(envelope["mac"]).encode()):  # as texts they would have to be ASCII
        raise ValueError("the message authentication code differs")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(base64.b64decode(iv, validate=True))).decryptor()
    padded = decryptor.update(base64.b64decode(value, validate=True)) + decryptor.finalize()
    unpadder = PKCS7(BLOCK_BITS).unpadder()
    return (unpadder.update(padded) + unpadder.finalize()).decode()

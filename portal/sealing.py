"""Encryption of personal words, and the key ring that holds every secret of the portal.

Personal words are sealed with AES-256-GCM under a data key of their own, which a key-encryption key
of the ring wraps. Both are bound to the table, column and row, so a value moved elsewhere does not
open. Destroying the data key erases the words. Rotation wraps data keys anew and touches no words.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Purpose = Literal["identity", "narrative", "evidence", "equality"]
PURPOSES: tuple[Purpose, ...] = ("identity", "narrative", "evidence", "equality")
SECRETS = ("session", "cookie", "draft", "submission", "receipt", "invitation", "audit", "sign_in", "person")
LATER = ("audit", "sign_in", "person")
"""Secrets that an older version's key file does not have yet."""
NONCE = 12


class KeyRingError(RuntimeError):
    """The key ring is missing, unreadable, or lacks a key that stored words need."""


class CannotOpen(ValueError):
    """Sealed bytes that do not open here: another key, another row, or changed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed words with their wrapped data key and the name of the key that wrapped it."""

    words: bytes
    data_key: bytes
    key_name: str


class KeyRing:
    """The secrets of one portal: key-encryption keys by purpose and number, and signing secrets."""

    def __init__(self, content: dict[str, Any]) -> None:
        try:
            self._keys: dict[str, dict[str, bytes]] = {
                purpose: {number: _decoded(key) for number, key in content["keys"][purpose].items()}
                for purpose in PURPOSES
            }
            self._secrets = {name: _decoded(content["secrets"][name]) for name in SECRETS}
            for purpose in PURPOSES:
                self.current(purpose)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise KeyRingError("the key file is damaged: restore it from your safe copy") from error

    @classmethod
    def new(cls) -> KeyRing:
        fresh = {purpose: {"1": _encoded(secrets.token_bytes(32))} for purpose in PURPOSES}
        return cls({"keys": fresh, "secrets": {name: _encoded(secrets.token_bytes(32)) for name in SECRETS}})

    @classmethod
    def load(cls, path: Path) -> KeyRing:
        """The ring in a file. Raises KeyRingError when there is none or others can read it."""
        try:
            content = json.loads(path.read_text("ascii"))
        except FileNotFoundError as error:
            raise KeyRingError(f"there is no key file {path}: restore it from your safe copy") from error
        except (OSError, ValueError) as error:
            raise KeyRingError(f"the key file {path} cannot be read: {error}") from error
        if path.stat().st_mode & 0o077:
            raise KeyRingError(f"others can read the key file: run chmod 600 {path}")
        return cls(content)

    @classmethod
    def complete(cls, path: Path) -> None:
        """Give the key file of an older version the secrets that this one needs besides."""
        try:
            content = json.loads(path.read_text("ascii"))
            lacking = [name for name in LATER if name not in content["secrets"]]
        except (OSError, ValueError, TypeError, KeyError):
            return  # load() says what is wrong with it
        if lacking:
            content["secrets"].update({name: _encoded(secrets.token_bytes(32)) for name in lacking})
            cls(content).save(path)

    def save(self, path: Path) -> None:
        """Write the ring so that a crash leaves the old file or the new one, never half of one."""
        content = {
            "keys": {
                purpose: {number: _encoded(key) for number, key in keys.items()}
                for purpose, keys in self._keys.items()
            },
            "secrets": {name: _encoded(value) for name, value in self._secrets.items()},
        }
        beside = path.with_suffix(".new")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def secret(self, name: str) -> bytes:
        return self._secrets[name]

    def digest(self, name: str, *parts: bytes) -> bytes:
        """A keyed digest (HMAC-SHA256) of the parts under one of the secrets."""
        message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hmac.digest(self._secrets[name], message, "sha256")

    def current(self, purpose: Purpose) -> str:
        """The name of the key that new words of this purpose are sealed under."""
        return f"{purpose}:{max(self._keys[purpose], key=int)}"

    def names(self) -> frozenset[str]:
        return frozenset(f"{purpose}:{number}" for purpose, keys in self._keys.items() for number in keys)

    def add(self, purpose: Purpose) -> str:
        """A new key for a purpose, from now on the current one; returns its name. Save the ring after it."""
        number = str(1 + max(int(number) for number in self._keys[purpose]))
        self._keys[purpose][number] = secrets.token_bytes(32)
        return f"{purpose}:{number}"

    def drop(self, name: str) -> None:
        """Forget a key that nothing is sealed under any more."""
        purpose, number = name.split(":")
        if name == self.current(purpose):  # type: ignore[arg-type]
            raise KeyRingError(f"{name} is in use")
        del self._keys[purpose][number]

    def seal(self, purpose: Purpose, place: str, words: bytes) -> Sealed:
        """Seal words for a place ("table/column/row")."""
        data_key, wrapped, name = self.new_data_key(purpose, place)
        return Sealed(encrypt(data_key, words, place), wrapped, name)

    def open(self, place: str, sealed: Sealed) -> bytes:
        """The words sealed for this place. Raises CannotOpen, KeyRingError when the key is missing."""
        return decrypt(self.data_key(place, sealed.data_key, sealed.key_name), sealed.words, place)

    def new_data_key(self, purpose: Purpose, place: str) -> tuple[bytes, bytes, str]:
        """A data key for what is too long to seal at once: the key, the same wrapped, and its key's name."""
        data_key = secrets.token_bytes(32)
        name = self.current(purpose)
        return data_key, encrypt(self._key(name), data_key, place), name

    def data_key(self, place: str, wrapped: bytes, key_name: str) -> bytes:
        """The data key wrapped for this place. Raises CannotOpen, KeyRingError when the key is missing."""
        return decrypt(self._key(key_name), wrapped, place)

    def rewrap(self, place: str, data_key: bytes, key_name: str) -> tuple[bytes, str]:
        """The same data key under its purpose's current key: wrapped key and key name."""
        current = self.current(key_name.split(":")[0])  # type: ignore[arg-type]
        return encrypt(self._key(current), self.data_key(place, data_key, key_name), place), current

    def _key(self, name: str) -> bytes:
        purpose, _, number = name.partition(":")
        try:
            return self._keys[purpose][number]
        except KeyError as error:
            raise KeyRingError(f"key {name} is missing from the key file") from error

    def seal_cookie(self, kind: str, content: dict[str, Any], minutes: int) -> str:
        """A small secret for the browser to hold, unreadable there and dead after some minutes."""
        ends = int(time.time()) + minutes * 60
        plain = json.dumps([ends, content], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(encrypt(self._secrets["cookie"], plain, f"cookie/{kind}")).decode()

    def open_cookie(self, kind: str, value: str | None) -> dict[str, Any] | None:
        """What a cookie of this kind holds; None if there is none, it is forged, or its time is over."""
        if not value:
            return None
        try:
            sealed = base64.urlsafe_b64decode(value.encode("ascii", "replace"))
            ends, content = json.loads(decrypt(self._secrets["cookie"], sealed, f"cookie/{kind}"))
        except (CannotOpen, ValueError):
            return None
        return content if ends > time.time() else None


def encrypt(key: bytes, plain: bytes, place: str) -> bytes:
    """AES-256-GCM, bound to a place: nonce, then ciphertext with its tag."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def decrypt(key: bytes, sealed: bytes, place: str) -> bytes:
    """What encrypt() sealed for this place. Raises CannotOpen."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotOpen(place) from error


def derived(secret: bytes, use: str) -> bytes:
    """Another secret of 32 bytes made from this one, for one use."""
    return hashlib.blake2b(use.encode(), key=secret, digest_size=32).digest()


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _decoded(text: str) -> bytes:
    value = base64.b64decode(text, validate=True)
    if len(value) != 32:
        raise ValueError("a key has 32 bytes")
    return value

"""Somebody else's cipher, libsodium, opens what our vault has sealed: the data keys with the key of the folder, the tokens
with the data keys, each bound to its own place and to no other.

    python vault.py FOLDER OUT
"""

import base64
import json
import sqlite3
import struct
import sys
from importlib.metadata import version
from pathlib import Path

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt
from nacl.exceptions import CryptoError


def bound(layout, key_id, *place):
    """What a seal is bound to: every part with its length before it."""
    parts = [bytes([layout]), key_id, *(part.encode() for part in place)]
    return b"".join(struct.pack(">Q", len(part)) + part for part in parts)


def opened(key, sealed, *place):
    """Layout, key id, nonce, ciphertext."""
    layout, key_id, nonce, text = sealed[0], sealed[1:17], sealed[17:41], sealed[41:]
    return decrypt(text, bound(layout, key_id, *place), nonce, key)


def opens(key, sealed, *place):
    try:
        opened(key, sealed, *place)
        return True
    except CryptoError:
        return False


def main(folder):
    folder = Path(folder)
    kek = base64.b64decode((folder / "patchbay.key").read_text(encoding="utf-8"))
    rows = sqlite3.connect(folder / "sealed.sqlite")
    keys = {
        tenant: (id, opened(kek, sealed, "data_keys", id, tenant, "-", "wrapped"))
        for id, tenant, sealed in rows.execute("SELECT id, tenant_id, wrapped FROM data_keys WHERE tenant_id IS NOT NULL")
    }
    grants = rows.execute("SELECT id, tenant_id, connection_id, access, refresh FROM grants").fetchall()
    assert len(keys) == 2 and len(grants) == 2, "two tenants with tokens"
    for row, tenant, connection, access, refresh in grants:
        id, key = keys[tenant]
        other_id, other_key = next(keys[name] for name in keys if name != tenant)
        for field, sealed in (("access", access), ("refresh", refresh)):
            here = ("grants", row, tenant, connection, field)
            assert opened(key, sealed, *here) == f"{field} of {tenant}".encode(), f"{tenant}'s {field}"
            assert sealed[1:17].hex() == id != other_id, "the key that it names"
            assert not opens(other_key, sealed, *here), "another tenant's key"
            for place in range(len(here)):
                elsewhere = [*here[:place], here[place] + "x", *here[place + 1 :]]
                assert not opens(key, sealed, *elsewhere), f"elsewhere: {elsewhere}"
    return {"done": ["storage"]}


def opinion(folder, out):
    tool = f"libsodium of PyNaCl {version('PyNaCl')}"
    said = {"integration": "*", "tool": tool, "side": "vault", "done": []}
    try:
        said |= main(folder)
    except Exception as error:  # Whatever it is, it is not what was sealed.
        said["failed"] = {"part": "storage", "step": "libsodium opens what our vault sealed", "got": repr(error)[:300]}
    Path(out).write_text(json.dumps([said], indent=1), encoding="utf-8")


opinion(*sys.argv[1:])

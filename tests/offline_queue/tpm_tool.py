"""A TPM of a few lines, behind the names of tpm2-tools: what our code tells the tools, and what it makes of their answers, is
tested where no TPM and no swtpm is. Which machine it is says TPM2TOOLS_TCTI: what one has sealed, another refuses.
"""

import hashlib
import os
import sys


def main(tool: str, words: list[str]) -> None:
    me = hashlib.sha256(os.environ["TPM2TOOLS_TCTI"].encode()).digest()
    match tool:
        case "tpm2_createprimary":
            if "busy" in os.environ["TPM2TOOLS_TCTI"]:
                refuse("ERROR: Esys_CreatePrimary(0x922) - tpm:warn(2.0): the TPM was not able to start the command")
            write(words, "-c", me)
        case "tpm2_create":
            assert read(words, "-C") == me
            key = sys.stdin.buffer.read()
            write(words, "-u", sized(b"sealed key"))
            write(words, "-r", sized(masked(key, me) + hashlib.sha256(me + key).digest()))
        case "tpm2_load":
            private = read(words, "-r")[2:]
            key = masked(private[:-32], me)
            if read(words, "-u") != sized(b"sealed key") or hashlib.sha256(me + key).digest() != private[-32:]:
                refuse("ERROR: Eys_Load(0x1DF) - tpm:parameter(1):integrity check failed")
            write(words, "-c", key)
        case "tpm2_unseal":
            key = read(words, "-c")
            sys.stdout.buffer.write(bytes(32) if "forgetful" in os.environ["TPM2TOOLS_TCTI"] else key)


def masked(key: bytes, mask: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(key, mask, strict=True))


def sized(content: bytes) -> bytes:
    return len(content).to_bytes(2, "big") + content


def read(words: list[str], option: str) -> bytes:
    with open(words[words.index(option) + 1], "rb") as file:
        return file.read()


def write(words: list[str], option: str, content: bytes) -> None:
    with open(words[words.index(option) + 1], "wb") as file:
        file.write(content)


def refuse(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

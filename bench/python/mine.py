"""How the first version of Cheese Stack mined: hashlib over strings. Tries nonces for so many milliseconds; says tries, and seconds of processor time."""

import hashlib
import sys
import time

HEADER = "1" + "00" * 32 + "5a" * 32 + "a5" * 32 + "1795305600"
TARGET = 0


def main(milliseconds: float) -> None:
    start = time.process_time()
    nonce = 0
    while time.process_time() - start < milliseconds / 1000:
        for nonce in range(nonce, nonce + 1000):
            first = hashlib.sha256((HEADER + str(nonce)).encode()).hexdigest()
            smell = hashlib.sha256(first.encode()).hexdigest()
            if int(smell, 16) <= TARGET:
                sys.exit(2)
        nonce += 1
    print(nonce, time.process_time() - start)


main(float(sys.argv[1]))

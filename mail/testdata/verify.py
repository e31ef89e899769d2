"""Verify both DKIM signatures of a letter: verify.py letter.eml '{"name.": "record"}'"""
import json
import sys

import dkim

records = json.loads(sys.argv[2])
message = open(sys.argv[1], "rb").read()


def answer(name, timeout=5):
    return records[name.decode()].encode()


print(*(dkim.DKIM(message).verify(idx=i, dnsfunc=answer) for i in range(2)))

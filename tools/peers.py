#!/usr/bin/env python3
"""Reads one file with a Python library as its users would, and prints seconds and peak memory.

Peers: pandas (GENESIS flat in its ZIP, SDMX-CSV), sdmx1 (SDMX-ML), openpyxl (workbooks), pyaxis (PX), pyjstat (JSON-stat).
Install them with `pip install pandas pyarrow sdmx1 openpyxl pyaxis pyjstat`; tools/bench skips what is not there.

    tools/peers.py genesis|sdmx_csv|sdmx_ml|xlsx|px|jsonstat FILE
"""

import resource
import sys
import time

kind, path = sys.argv[1:]
began = time.perf_counter()
if kind == "genesis":
    import zipfile

    import pandas

    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as member:
        table = pandas.read_csv(member, sep=";", dtype=str, encoding="utf-8-sig")
    table["value"] = pandas.to_numeric(table["value"].str.replace(",", "."), errors="coerce")
    table.to_parquet("/dev/null")
    size = len(table)
elif kind == "sdmx_csv":
    import pandas

    table = pandas.read_csv(path, dtype=str)
    table["OBS_VALUE"] = pandas.to_numeric(table["OBS_VALUE"], errors="coerce")
    table.to_parquet("/dev/null")
    size = len(table)
elif kind == "sdmx_ml":
    import re

    import sdmx
    from sdmx.model import common, v21

    # It reads structure-specific data with their structure only: as the first series of the file shows it.
    with open(path, encoding="utf-8") as text:
        first = re.search(r"<Series ([^>]*)>", text.read(4000)).group(1)
    structure = v21.DataStructureDefinition(id="MADE", maintainer=common.Agency(id="IT1"), version="1.0")
    for dimension in re.findall(r"(\w+)=", first):
        structure.dimensions.getdefault(id=dimension)
    structure.dimensions.append(v21.TimeDimension(id="TIME_PERIOD"))
    structure.measures.getdefault(id="OBS_VALUE")
    structure.attributes.getdefault(id="OBS_STATUS")
    began = time.perf_counter()
    size = len(sdmx.to_pandas(sdmx.read_sdmx(path, structure=structure)))
elif kind == "xlsx":
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    size = sum(1 for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)
elif kind == "px":
    from pyaxis import pyaxis

    size = len(pyaxis.parse(path, encoding="iso-8859-1")["DATA"])
elif kind == "jsonstat":
    from pyjstat import pyjstat

    size = len(pyjstat.Dataset.read(open(path, encoding="utf-8").read()).write("dataframe"))
else:
    sys.exit(f"unknown kind {kind}")
seconds = time.perf_counter() - began
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{seconds:.2f} s {memory:.0f} MB {size} rows or cells")

# SPDX-License-Identifier: Apache-2.0
"""Three meters that know nothing of the product: pymodbus serves them in one process, for foreign-meters.test.ts.

Addresses, types, scales and units stand here as the vendors' drivers and manuals have them (docs of each register map name the
same sources); values are drawn anew at every start, laid into registers by this file alone, and told as a person would
read them on the display. Prints one line of JSON when it listens: the port, and of each unit what its registers show.
"""
import asyncio
import json
import random
import struct
import sys
from decimal import ROUND_HALF_UP, Decimal

from pymodbus import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

# name, address, type, step of what is counted (of a float that is only looked at: -), unit, smallest, largest
SDM630 = """
voltage.l1            0x0000 f32 -    V     215 245
voltage.l2            0x0002 f32 -    V     215 245
voltage.l3            0x0004 f32 -    V     215 245
current.l1            0x0006 f32 -    A     0 100
current.l2            0x0008 f32 -    A     0 100
current.l3            0x000A f32 -    A     0 100
power.active.l1       0x000C f32 -    W     -9000 9000
power.active.l2       0x000E f32 -    W     -9000 9000
power.active.l3       0x0010 f32 -    W     -9000 9000
power.apparent.l1     0x0012 f32 -    VA    0 9000
power.apparent.l2     0x0014 f32 -    VA    0 9000
power.apparent.l3     0x0016 f32 -    VA    0 9000
power.reactive.l1     0x0018 f32 -    var   -900 900
power.reactive.l2     0x001A f32 -    var   -900 900
power.reactive.l3     0x001C f32 -    var   -900 900
pf.l1                 0x001E f32 -    1     -1 1
pf.l2                 0x0020 f32 -    1     -1 1
pf.l3                 0x0022 f32 -    1     -1 1
power.active.total    0x0034 f32 -    W     -27000 27000
power.apparent.total  0x0038 f32 -    VA    0 27000
power.reactive.total  0x003C f32 -    var   -2700 2700
pf.total              0x003E f32 -    1     -1 1
frequency             0x0046 f32 -    Hz    49 51
energy.import.total   0x0048 f32 0.01 kWh   0 140000
energy.export.total   0x004A f32 0.01 kWh   0 140000
energy.reactive.import 0x004C f32 0.01 kvarh 0 140000
energy.reactive.export 0x004E f32 0.01 kvarh 0 140000
"""
DTSY1352 = """
energy.active.total   0x0000 u32 0.01 kWh   0 42949672
energy.active.tip     0x0002 u32 0.01 kWh   0 42949672
energy.active.peak    0x0004 u32 0.01 kWh   0 42949672
energy.active.flat    0x0006 u32 0.01 kWh   0 42949672
energy.active.valley  0x0008 u32 0.01 kWh   0 42949672
"""
# Floats with all four bytes reversed: 1E 85 0B 3F is 0.545.
XINTAI = """
volume.forward        0x0001 f32-reversed 0.001 m3 0 9000
volume.reverse        0x0003 f32-reversed 0.001 m3 0 9
flow.rate             0x0005 f32-reversed -     m3/h 0 20
pressure              0x000A f32-reversed -     MPa  0 1
temperature           0x000C f32-reversed -     degC 2 40
battery.voltage       0x001A f32-reversed -     V    3 4
"""

rng = random.SystemRandom()


def as_float32(value: float) -> float:
    return struct.unpack(">f", struct.pack(">f", value))[0]


def words(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def fill(registers: list[int], table: str, shown: dict[str, str | float]) -> None:
    """Draws a value for each row, lays it into the registers and notes what the display says."""
    for row in table.strip().splitlines():
        name, address, kind, step, _, low, high = row.split()
        if kind == "u32":
            count = rng.randint(int(low), int(high) * 100)
            data = struct.pack(">I", count)
            shown[name] = str(Decimal(count) * Decimal(step))
        else:
            value = as_float32(rng.uniform(float(low), float(high)))
            data = struct.pack(">f", value)
            if kind == "f32-reversed":
                data = data[::-1]
            # The number that the float is, exactly; what is counted of it ends at the step.
            shown[name] = (
                value if step == "-" else str(Decimal(value).quantize(Decimal(step), ROUND_HALF_UP))
            )
        registers[int(address, 16) : int(address, 16) + len(data) // 2] = words(data)


def device(unit: int, spans: list[tuple[int, list[int]]]) -> SimDevice:
    """Registers that are there; any other address is refused, as by a meter."""
    blocks = [SimData(at, values=values, datatype=DataType.REGISTERS) for at, values in spans]
    return SimDevice(id=unit, simdata=blocks)


async def main() -> None:
    shown: dict[str, dict[str, str | float]] = {"11": {}, "12": {}, "13": {}}
    sdm, dtsy, water = [0] * 0x50, [0] * 10, [0] * 0x1E
    fill(sdm, SDM630, shown["11"])
    fill(dtsy, DTSY1352, shown["12"])
    fill(water, XINTAI, shown["13"])
    # The pipe is full, the valve is open.
    water[0x07], water[0x1C] = 0x00AA, 1
    devices = [
        device(11, [(0, sdm)]),
        device(12, [(0, dtsy), (0x57, [0, 0])]),
        device(13, [(1, water[1:])]),
    ]
    server = ModbusTcpServer(devices, address=("127.0.0.1", 0), framer=FramerType(sys.argv[1]))
    await server.listen()
    port = server.transport.sockets[0].getsockname()[1]
    print(json.dumps({"port": port, "shown": shown}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())

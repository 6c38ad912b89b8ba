# SPDX-License-Identifier: Apache-2.0
"""An independent Modbus server for pymodbus-peer.test.ts: pymodbus, RTU frames through a TCP socket.

Units 1 and 7: holding and input registers 0..199 hold 100 * unit + address. Prints its port when it listens.
"""
import asyncio
import sys

from pymodbus import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice


def unit(number: int) -> SimDevice:
    values = [100 * number + address for address in range(200)]
    return SimDevice(id=number, simdata=[SimData(0, values=values, datatype=DataType.REGISTERS)])


async def main() -> None:
    server = ModbusTcpServer([unit(1), unit(7)], address=("127.0.0.1", 0), framer=FramerType(sys.argv[1]))
    await server.listen()
    print(server.transport.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())

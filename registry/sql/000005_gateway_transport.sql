-- A serial server that passes RTU frames through its socket is spoken to in another way than Modbus TCP.

alter table gateways drop constraint gateways_transport_kind_check;
alter table gateways add constraint gateways_transport_kind_check check (transport_kind in ('modbus-tcp', 'rtu-over-tcp'));

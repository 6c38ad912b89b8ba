-- Gateways are spoken to in more ways than by host and port, and meters have other addresses than unit ids.

alter table gateways add column transport jsonb;
update gateways set transport = jsonb_build_object('kind', transport_kind, 'host', host, 'port', port);
alter table gateways alter column transport set not null;
alter table gateways drop constraint gateways_address_once;
alter table gateways drop column transport_kind, drop column host, drop column port;

alter table gateways add constraint gateways_transport_kind_known check (
  transport ->> 'kind' in ('modbus-tcp', 'rtu-over-tcp', 'rtu-dial-in', 'serial', 'mqtt', 'acrel-upload')
);
alter table gateways add column line text generated always as (
  case transport ->> 'kind'
    when 'modbus-tcp' then (transport ->> 'host') || ':' || (transport ->> 'port')
    when 'rtu-over-tcp' then (transport ->> 'host') || ':' || (transport ->> 'port')
    when 'serial' then transport ->> 'path'
  end
) stored;
-- Two pollers on one serial line would take each other's answers.
alter table gateways add constraint gateways_address_once unique (project_id, line) deferrable initially immediate;
-- A call tells nothing but its name: which project it belongs to follows from that alone.
alter table gateways add column called_name text generated always as (
  coalesce(transport ->> 'registration', transport ->> 'serial')
) stored;
alter table gateways add constraint gateways_called_name_once unique (called_name) deferrable initially immediate;

alter table meters add column line_address text;
alter table meters drop constraint meters_address_whole;
alter table meters add constraint meters_address_whole check (
  (gateway_id is null) = (unit_id is null and line_address is null)
);
alter table meters add constraint meters_line_address_once unique (gateway_id, line_address) deferrable initially immediate;

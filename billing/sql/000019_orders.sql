-- The overview of orders goes by the instant an order takes effect: a back office may bring its books along later.
CREATE INDEX postings_of_orders_effective ON billing.postings (project_id, effective_at_ms DESC, posting_id DESC) WHERE kind <> 'charge';
DROP INDEX billing.postings_of_orders;

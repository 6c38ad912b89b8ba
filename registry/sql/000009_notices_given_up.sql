-- Health counts them, and the page of messages filters by them.
create index notices_given_up on notices (project_id, position desc) where state = 'given-up';

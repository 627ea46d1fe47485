-- The second database of the Temporal server, made when the first one is (MYSQL_DATABASE).
CREATE DATABASE IF NOT EXISTS temporal_visibility;
GRANT ALL PRIVILEGES ON temporal_visibility.* TO 'temporal'@'%';

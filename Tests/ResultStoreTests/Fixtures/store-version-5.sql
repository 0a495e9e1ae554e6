PRAGMA application_id = 1195796836;
PRAGMA user_version = 5;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1-tables-and-views');
INSERT INTO grdb_migrations VALUES('2-plans');
INSERT INTO grdb_migrations VALUES('3-forms');
INSERT INTO grdb_migrations VALUES('4-warnings');
INSERT INTO grdb_migrations VALUES('5-routes');
CREATE TABLE study (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  file TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  resolved_json TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
INSERT INTO study VALUES(1,'version-five','version-five.yaml','5aadae2e8424d9e7727a1f3782724672983d3c086082e6e4fc62f241f5214834','{"cells":["5ecdd5acbd466799597d4c53b42a8c876c1138f13a31f78a56fd384f0002d3b1","690e940ac81c764c83beb65dd1508a3e06b37f7e1a61a36d9aaf1a1bc7c72c2c"],"format":1,"name":"version-five","seed":1,"title":""}','2026-12-01T03:35:39.656Z');
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  study_id INTEGER NOT NULL REFERENCES study(id),
  study_hash TEXT NOT NULL,
  version TEXT NOT NULL,
  source_commit TEXT NOT NULL,
  host TEXT NOT NULL,
  cpu TEXT NOT NULL,
  blas TEXT NOT NULL,
  toolchain TEXT NOT NULL,
  seed TEXT NOT NULL,
  jobs INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  exit_code INTEGER,
  command TEXT NOT NULL
) STRICT;
INSERT INTO run VALUES(1,1,'5aadae2e8424d9e7727a1f3782724672983d3c086082e6e4fc62f241f5214834','0.1.0','c0ffee','machine','cpu','blas','Swift','1',2,'2026-12-01T03:35:39.656Z','2026-12-01T03:35:39.663Z',0,'gradfid run version-five.yaml');
CREATE TABLE cell (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  problem TEXT NOT NULL,
  problem_json TEXT NOT NULL,
  model_state TEXT NOT NULL,
  estimator TEXT NOT NULL,
  estimator_label TEXT NOT NULL,
  estimator_json TEXT NOT NULL,
  tau_forward REAL,
  tau_backward REAL,
  step INTEGER,
  training TEXT,
  target TEXT NOT NULL,
  target_law TEXT NOT NULL,
  seed TEXT NOT NULL,
  resolved_json TEXT NOT NULL
, route TEXT, route_reason TEXT) STRICT;
INSERT INTO cell VALUES(1,'5ecdd5acbd466799597d4c53b42a8c876c1138f13a31f78a56fd384f0002d3b1','bernoulli-toy t=0.45','{"inputs":{},"kind":"bernoulli-toy","parameters":{"logit":0,"t":0.45}}','initial','st','st(tau=1.0)','{"kind":"st","parameters":{"tau":1}}',1.0,1.0,NULL,NULL,'closed-form','own','1','{"estimator":{"kind":"st","parameters":{"tau":1}},"format":1,"measure":{"at":["all","layers","logits"],"blocks":8,"draws":64,"gap":true,"level":0.95,"moments":"auto","per-draw-samples":8},"problem":{"inputs":{},"kind":"bernoulli-toy","parameters":{"logit":0,"t":0.45}},"seed":1,"state":"initial","target":{"draws":"auto","error-fraction":0.1,"kind":"auto","law":"own","max-draws":1048576,"max-states":16384,"samples":4}}','states',NULL);
INSERT INTO cell VALUES(2,'690e940ac81c764c83beb65dd1508a3e06b37f7e1a61a36d9aaf1a1bc7c72c2c','bernoulli-toy t=0.45','{"inputs":{},"kind":"bernoulli-toy","parameters":{"logit":0,"t":0.45}}','initial','reinforce-loo','reinforce-loo(samples=2)','{"kind":"reinforce-loo","parameters":{"samples":2}}',NULL,NULL,NULL,NULL,'closed-form','own','1','{"estimator":{"kind":"reinforce-loo","parameters":{"samples":2}},"format":1,"measure":{"at":["all","layers","logits"],"blocks":8,"draws":64,"gap":true,"level":0.95,"moments":"auto","per-draw-samples":8},"problem":{"inputs":{},"kind":"bernoulli-toy","parameters":{"logit":0,"t":0.45}},"seed":1,"state":"initial","target":{"draws":"auto","error-fraction":0.1,"kind":"auto","law":"own","max-draws":1048576,"max-states":16384,"samples":4}}','states',NULL);
CREATE TABLE study_cell (
  study_id INTEGER NOT NULL REFERENCES study(id),
  cell_id INTEGER NOT NULL REFERENCES cell(id),
  position INTEGER NOT NULL,
  PRIMARY KEY (study_id, cell_id)
) STRICT, WITHOUT ROWID;
INSERT INTO study_cell VALUES(1,1,0);
INSERT INTO study_cell VALUES(1,2,1);
CREATE TABLE result (
  cell_id INTEGER PRIMARY KEY REFERENCES cell(id),
  run_id INTEGER NOT NULL REFERENCES run(id),
  state TEXT NOT NULL CHECK (state IN ('done', 'failed', 'diverged')),
  message TEXT,
  moments TEXT NOT NULL,
  seconds REAL NOT NULL,
  finished_at TEXT NOT NULL
) STRICT;
INSERT INTO result VALUES(1,1,'done',NULL,'exact',0.0045980811119079589843,'2026-12-01T03:35:39.662Z');
INSERT INTO result VALUES(2,1,'done',NULL,'exact',0.00032299757003784179687,'2026-12-01T03:35:39.662Z');
CREATE TABLE cell_scope (
  cell_id INTEGER NOT NULL REFERENCES result(cell_id) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  PRIMARY KEY (cell_id, scope)
) STRICT, WITHOUT ROWID;
INSERT INTO cell_scope VALUES(1,'logits');
INSERT INTO cell_scope VALUES(2,'logits');
CREATE TABLE coverage (
  id INTEGER PRIMARY KEY,
  measured_at TEXT NOT NULL,
  version TEXT NOT NULL,
  problem TEXT NOT NULL,
  estimator TEXT NOT NULL,
  metric TEXT NOT NULL,
  ci_method TEXT NOT NULL,
  ci_level REAL NOT NULL,
  n INTEGER NOT NULL,
  repeats INTEGER NOT NULL,
  coverage REAL NOT NULL,
  constant INTEGER NOT NULL CHECK (constant IN (0, 1)),
  flagged INTEGER NOT NULL CHECK (flagged IN (0, 1)), warned REAL NOT NULL DEFAULT 0, coverage_unwarned REAL, uniformity REAL,
  UNIQUE (problem, estimator, metric, ci_level, n, repeats)
) STRICT;
CREATE TABLE training (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  problem TEXT NOT NULL,
  estimator TEXT NOT NULL,
  estimator_label TEXT NOT NULL,
  optimiser TEXT NOT NULL,
  learning_rate REAL NOT NULL,
  batch INTEGER NOT NULL,
  seed TEXT NOT NULL,
  resolved_json TEXT NOT NULL
) STRICT;
CREATE TABLE study_training (
  study_id INTEGER NOT NULL REFERENCES study(id),
  training_id INTEGER NOT NULL REFERENCES training(id),
  position INTEGER NOT NULL,
  steps INTEGER NOT NULL,
  PRIMARY KEY (study_id, training_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE training_step (
  training_id INTEGER NOT NULL REFERENCES training(id) ON DELETE CASCADE,
  step INTEGER NOT NULL CHECK (step >= 1),
  loss ANY NOT NULL CHECK (typeof(loss) = 'real'),
  reconstruction ANY NOT NULL CHECK (typeof(reconstruction) = 'real'),
  kl ANY NOT NULL CHECK (typeof(kl) = 'real'),
  perplexity ANY NOT NULL CHECK (typeof(perplexity) = 'real'),
  gradient_norm ANY NOT NULL CHECK (typeof(gradient_norm) = 'real'),
  PRIMARY KEY (training_id, step)
) STRICT, WITHOUT ROWID;
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 VALUES('study','sqlite_autoindex_study_1','10 1');
INSERT INTO sqlite_stat1 VALUES('run','run_by_study','100 10');
INSERT INTO sqlite_stat1 VALUES('cell','sqlite_autoindex_cell_1','10000 1');
INSERT INTO sqlite_stat1 VALUES('cell','cell_by_short_hash','10000 1');
INSERT INTO sqlite_stat1 VALUES('study_cell','study_cell','10000 1000 1');
INSERT INTO sqlite_stat1 VALUES('study_cell','study_cell_by_position','10000 1000 1');
INSERT INTO sqlite_stat1 VALUES('study_cell','study_cell_by_cell','10000 2');
INSERT INTO sqlite_stat1 VALUES('result','result_by_run','10000 500 500');
INSERT INTO sqlite_stat1 VALUES('cell_scope','cell_scope','40000 4 1');
INSERT INTO sqlite_stat1 VALUES('measurement','measurement','1000000 100 25 1');
INSERT INTO sqlite_stat1 VALUES('form','form_by_content','100 20 10 5 2 2 2 1');
CREATE TABLE form (
  id INTEGER PRIMARY KEY,
  value_kind TEXT NOT NULL
    CHECK (value_kind IN ('finite', 'nan', 'pos_inf', 'neg_inf', 'missing')),
  unit TEXT NOT NULL,
  ci_level REAL,
  ci_method TEXT NOT NULL,
  moments TEXT NOT NULL,
  debiased INTEGER NOT NULL CHECK (debiased IN (0, 1))
, warnings TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO form VALUES(1,'finite','gradient^2',NULL,'exact','exact',1,'');
INSERT INTO form VALUES(2,'finite','1',NULL,'exact','exact',1,'');
INSERT INTO form VALUES(3,'finite','gradient',NULL,'exact','exact',1,'');
INSERT INTO form VALUES(4,'finite','1',NULL,'exact','exact',0,'');
INSERT INTO form VALUES(5,'finite','calls',NULL,'exact','exact',1,'');
INSERT INTO form VALUES(6,'finite','gradient^2 x calls',NULL,'exact','exact',1,'');
INSERT INTO form VALUES(7,'finite','1',0.94999999999999995559,'student-t','monte-carlo',1,'');
INSERT INTO form VALUES(8,'finite','cost',0.94999999999999995559,'student-t','monte-carlo',1,'');
INSERT INTO form VALUES(9,'finite','gradient',0.94999999999999995559,'student-t','monte-carlo',1,'');
CREATE TABLE measurement (
  cell_id INTEGER NOT NULL REFERENCES result(cell_id) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  metric TEXT NOT NULL,
  value ANY CHECK (typeof(value) IN ('real', 'null')),
  se ANY CHECK (typeof(se) IN ('real', 'null')),
  ci_low ANY CHECK (typeof(ci_low) IN ('real', 'null')),
  ci_high ANY CHECK (typeof(ci_high) IN ('real', 'null')),
  n INTEGER,
  resolved INTEGER CHECK (resolved IN (0, 1)),
  form INTEGER NOT NULL REFERENCES form(id),
  PRIMARY KEY (cell_id, scope, metric)
) STRICT, WITHOUT ROWID;
INSERT INTO measurement VALUES(1,'logits','bias_sq',0.0,8.0779356694631608871e-28,-8.0779356694631608871e-28,8.0779356694631608871e-28,NULL,0,1);
INSERT INTO measurement VALUES(1,'logits','cos_draw',0.25,0.3659625273556999514,-0.61536386735947579129,1.1153638673594756802,8,NULL,7);
INSERT INTO measurement VALUES(1,'logits','cos_mean',1.0,3.5527136788005009293e-15,0.99999999999999644728,1.0000000000000035527,NULL,NULL,2);
INSERT INTO measurement VALUES(1,'logits','estimate_norm',0.035355339059327389739,7.1054273576010018587e-15,0.035355339059320284311,0.035355339059334495166,NULL,NULL,3);
INSERT INTO measurement VALUES(1,'logits','gap_latent',1.0,0.0,1.0,1.0,8,NULL,8);
INSERT INTO measurement VALUES(1,'logits','gap_latent_rel',10.000000000000001775,6.7139977668025209852e-16,10.0,10.000000000000003552,8,NULL,7);
INSERT INTO measurement VALUES(1,'logits','gap_logits',0.35355339059327384187,2.0981243021257878077e-17,0.35355339059327378636,0.35355339059327389739,8,NULL,9);
INSERT INTO measurement VALUES(1,'logits','gap_logits_rel',10.000000000000001775,6.7139977668025209852e-16,10.0,10.000000000000003552,8,NULL,7);
INSERT INTO measurement VALUES(1,'logits','gradient_calls',1.0,0.0,1.0,1.0,NULL,NULL,5);
INSERT INTO measurement VALUES(1,'logits','mse',0.12500000000000002775,7.1054273576010018587e-15,0.12499999999999292232,0.12500000000000713318,NULL,NULL,1);
INSERT INTO measurement VALUES(1,'logits','mse_cost',0.37500000000000011102,2.1316282072803005576e-14,0.37499999999997879474,0.3750000000000214273,NULL,NULL,6);
INSERT INTO measurement VALUES(1,'logits','reinmax_bias_mean',0.0,9.0949470177292823791e-13,0.0,9.0949470177292823791e-13,NULL,NULL,4);
INSERT INTO measurement VALUES(1,'logits','reinmax_bias_target',0.0,9.0949470177292823791e-13,0.0,9.0949470177292823791e-13,NULL,NULL,4);
INSERT INTO measurement VALUES(1,'logits','reinmax_cos',1.0,3.5527136788005009293e-15,0.99999999999999644728,1.0000000000000035527,NULL,NULL,4);
INSERT INTO measurement VALUES(1,'logits','reinmax_std_mean',9.9999999999999982236,1.8189894035458564758e-12,9.9999999999981792342,10.000000000001817212,NULL,NULL,4);
INSERT INTO measurement VALUES(1,'logits','rel_bias',0.0,9.0949470177292823791e-13,0.0,9.0949470177292823791e-13,NULL,0,2);
INSERT INTO measurement VALUES(1,'logits','rmse_1',9.9999999999999982236,7.2759576141834259033e-12,9.999999999992722266,10.000000000007274181,NULL,NULL,2);
INSERT INTO measurement VALUES(1,'logits','rmse_10',3.1622776601683786346,1.8189894035458564758e-12,3.1622776601665596452,3.162277660170197624,NULL,NULL,2);
INSERT INTO measurement VALUES(1,'logits','rmse_100',0.99999999999999966693,9.0949470177292823791e-13,0.99999999999909017223,1.0000000000009090506,NULL,NULL,2);
INSERT INTO measurement VALUES(1,'logits','rmse_1000',0.31622776601683783015,2.2737367544323205947e-13,0.31622776601661045647,0.31622776601706520382,NULL,NULL,2);
INSERT INTO measurement VALUES(1,'logits','scale',1.0,9.0949470177292823791e-13,0.99999999999909050529,1.0000000000009094947,NULL,NULL,2);
INSERT INTO measurement VALUES(1,'logits','scale_free_bias',0.0,1.8189894035458564758e-12,0.0,1.8189894035458564758e-12,NULL,0,2);
INSERT INTO measurement VALUES(1,'logits','snr',0.010000000000000005412,3.5527136788005009293e-15,0.0099999999999964526986,0.010000000000003558126,NULL,NULL,2);
INSERT INTO measurement VALUES(1,'logits','target_error_ratio',0.0,0.0,0.0,0.0,NULL,NULL,2);
INSERT INTO measurement VALUES(1,'logits','target_error_sq',0.0,0.0,0.0,0.0,NULL,NULL,1);
INSERT INTO measurement VALUES(1,'logits','target_norm',0.035355339059327389739,2.8421709430404007434e-14,0.035355339059298968029,0.035355339059355811448,NULL,NULL,3);
INSERT INTO measurement VALUES(1,'logits','value_calls',0.0,0.0,0.0,0.0,NULL,NULL,5);
INSERT INTO measurement VALUES(1,'logits','variance',0.12500000000000002775,7.1054273576010018587e-15,0.12499999999999292232,0.12500000000000713318,NULL,NULL,1);
INSERT INTO measurement VALUES(1,'logits','variance_mean',0.062500000000000013877,3.5527136788005009293e-15,0.062499999999996461164,0.062500000000003566591,NULL,NULL,1);
INSERT INTO measurement VALUES(2,'logits','bias_sq',0.0,4.0389678347315804435e-28,-4.0389678347315804435e-28,4.0389678347315804435e-28,NULL,0,1);
INSERT INTO measurement VALUES(2,'logits','cos_draw',0.625,0.1829812636778499757,0.19231806632026210435,1.0576819336797378401,8,NULL,7);
INSERT INTO measurement VALUES(2,'logits','cos_mean',1.0,3.5527136788005009293e-15,0.99999999999999644728,1.0000000000000035527,NULL,NULL,2);
INSERT INTO measurement VALUES(2,'logits','estimate_norm',0.035355339059327389739,8.8817841970012523233e-16,0.03535533905932650156,0.035355339059328277917,NULL,NULL,3);
INSERT INTO measurement VALUES(2,'logits','gradient_calls',0.0,0.0,0.0,0.0,NULL,NULL,5);
INSERT INTO measurement VALUES(2,'logits','mse',0.0012500000000000008933,1.1102230246251565404e-16,0.001249999999999889871,0.0012500000000001119156,NULL,NULL,1);
INSERT INTO measurement VALUES(2,'logits','mse_cost',0.0025000000000000017867,2.2204460492503130808e-16,0.0024999999999997797421,0.0025000000000002238313,NULL,NULL,6);
INSERT INTO measurement VALUES(2,'logits','reinmax_bias_mean',0.0,9.0949470177292823791e-13,0.0,9.0949470177292823791e-13,NULL,NULL,4);
INSERT INTO measurement VALUES(2,'logits','reinmax_bias_target',0.0,9.0949470177292823791e-13,0.0,9.0949470177292823791e-13,NULL,NULL,4);
INSERT INTO measurement VALUES(2,'logits','reinmax_cos',1.0,3.5527136788005009293e-15,0.99999999999999644728,1.0000000000000035527,NULL,NULL,4);
INSERT INTO measurement VALUES(2,'logits','reinmax_std_mean',1.0,5.6843418860808014869e-14,0.99999999999994315658,1.0000000000000568434,NULL,NULL,4);
INSERT INTO measurement VALUES(2,'logits','rel_bias',0.0,9.0949470177292823791e-13,0.0,9.0949470177292823791e-13,NULL,0,2);
INSERT INTO measurement VALUES(2,'logits','rmse_1',1.0,9.0949470177292823791e-13,0.99999999999909050529,1.0000000000009094947,NULL,NULL,2);
INSERT INTO measurement VALUES(2,'logits','rmse_10',0.31622776601683794117,2.2737367544323205947e-13,0.3162277660166105675,0.31622776601706531485,NULL,NULL,2);
INSERT INTO measurement VALUES(2,'logits','rmse_100',0.10000000000000000555,5.6843418860808014869e-14,0.099999999999943162132,0.10000000000005684896,NULL,NULL,2);
INSERT INTO measurement VALUES(2,'logits','rmse_1000',0.031622776601683791342,2.8421709430404007434e-14,0.031622776601655369632,0.031622776601712213051,NULL,NULL,2);
INSERT INTO measurement VALUES(2,'logits','scale',1.0,9.0949470177292823791e-13,0.99999999999909050529,1.0000000000009094947,NULL,NULL,2);
INSERT INTO measurement VALUES(2,'logits','scale_free_bias',0.0,9.0949470177292823791e-13,0.0,9.0949470177292823791e-13,NULL,0,2);
INSERT INTO measurement VALUES(2,'logits','snr',1.0,1.1368683772161602973e-13,0.99999999999988631316,1.0000000000001136868,NULL,NULL,2);
INSERT INTO measurement VALUES(2,'logits','target_error_ratio',0.0,0.0,0.0,0.0,NULL,NULL,2);
INSERT INTO measurement VALUES(2,'logits','target_error_sq',0.0,0.0,0.0,0.0,NULL,NULL,1);
INSERT INTO measurement VALUES(2,'logits','target_norm',0.035355339059327389739,2.8421709430404007434e-14,0.035355339059298968029,0.035355339059355811448,NULL,NULL,3);
INSERT INTO measurement VALUES(2,'logits','value_calls',2.0,0.0,2.0,2.0,NULL,NULL,5);
INSERT INTO measurement VALUES(2,'logits','variance',0.0012500000000000008933,1.1102230246251565404e-16,0.001249999999999889871,0.0012500000000001119156,NULL,NULL,1);
INSERT INTO measurement VALUES(2,'logits','variance_mean',0.00062500000000000044669,5.5511151231257827021e-17,0.00062499999999994493554,0.00062500000000005595784,NULL,NULL,1);
CREATE INDEX run_by_study ON run(study_id);
CREATE INDEX cell_by_short_hash ON cell(substr(hash, 1, 12));
CREATE UNIQUE INDEX study_cell_by_position ON study_cell(study_id, position);
CREATE INDEX study_cell_by_cell ON study_cell(cell_id);
CREATE INDEX result_by_run ON result(run_id, state);
CREATE INDEX study_training_by_training ON study_training(training_id);
CREATE VIEW v_runs AS
SELECT
  n.id AS run,
  s.name AS study,
  n.study_hash AS study_hash,
  n.version AS version,
  n.source_commit AS source_commit,
  n.host AS host,
  n.cpu AS cpu,
  n.blas AS blas,
  n.toolchain AS toolchain,
  n.seed AS seed,
  n.jobs AS jobs,
  n.started_at AS started_at,
  n.ended_at AS ended_at,
  round((julianday(n.ended_at) - julianday(n.started_at)) * 86400.0, 3) AS seconds,
  n.exit_code AS exit_code,
  (SELECT count(*) FROM result r WHERE r.run_id = n.id AND r.state = 'done') AS cells_done,
  (SELECT count(*) FROM result r WHERE r.run_id = n.id AND r.state = 'failed')
    AS cells_failed,
  (SELECT count(*) FROM result r WHERE r.run_id = n.id AND r.state = 'diverged')
    AS cells_diverged,
  n.command AS command
FROM run n
JOIN study s ON s.id = n.study_id;
CREATE VIEW v_training AS
SELECT
  s.name AS study,
  substr(t.hash, 1, 12) AS training,
  t.problem AS model,
  t.estimator AS estimator,
  t.estimator_label AS label,
  t.optimiser AS optimiser,
  t.learning_rate AS learning_rate,
  t.batch AS batch,
  t.seed AS seed,
  ts.step AS step,
  ts.loss AS loss,
  -ts.loss AS elbo,
  ts.reconstruction AS reconstruction,
  ts.kl AS kl,
  ts.perplexity AS perplexity,
  ts.gradient_norm AS gradient_norm
FROM study s
JOIN study_training st ON st.study_id = s.id
JOIN training t ON t.id = st.training_id
JOIN training_step ts ON ts.training_id = t.id AND ts.step <= st.steps;
CREATE VIEW v_rmse AS
WITH grid(m) AS (VALUES (1), (3), (10), (30), (100), (300), (1000), (3000), (10000), (30000), (100000), (300000), (1000000))
SELECT
  s.name AS study,
  substr(c.hash, 1, 12) AS cell,
  c.problem AS model,
  c.model_state AS state,
  c.step AS step,
  substr(c.training, 1, 12) AS training,
  c.estimator AS estimator,
  c.estimator_label AS label,
  c.target AS target,
  c.target_law AS target_law,
  c.tau_forward AS tau_forward,
  c.tau_backward AS tau_backward,
  c.seed AS seed,
  k.scope AS scope,
  g.m AS m,
  sqrt(max(b.value, 0) + max(v.value, 0) / g.m) / t.value AS rmse,
  sqrt(max(b.ci_low, 0) + max(v.ci_low, 0) / g.m) / t.ci_high AS rmse_low,
  CASE WHEN t.ci_low > 0 THEN
    sqrt(max(b.ci_high, 0) + max(v.ci_high, 0) / g.m) / t.ci_low END AS rmse_high,
  CASE WHEN b.resolved = 1 AND b.value > 0 THEN v.value / b.value END AS bias_dominates_from,
  CASE WHEN b.resolved = 1 AND b.value > 0 THEN max(v.ci_low, 0) / b.ci_high END
    AS bias_dominates_low,
  CASE WHEN b.resolved = 1 AND b.value > 0 AND b.ci_low > 0 THEN v.ci_high / b.ci_low END
    AS bias_dominates_high,
  r.moments AS moments
FROM study s
JOIN study_cell sc ON sc.study_id = s.id
JOIN cell c ON c.id = sc.cell_id
JOIN result r ON r.cell_id = c.id
JOIN cell_scope k ON k.cell_id = c.id
JOIN measurement b ON b.cell_id = k.cell_id
  AND b.scope = k.scope AND b.metric = 'bias_sq'
JOIN measurement v ON v.cell_id = k.cell_id
  AND v.scope = k.scope AND v.metric = 'variance'
JOIN measurement t ON t.cell_id = k.cell_id
  AND t.scope = k.scope AND t.metric = 'target_norm'
CROSS JOIN grid g;
CREATE UNIQUE INDEX form_by_content ON form(
  value_kind, unit, ci_method, moments, debiased, coalesce(ci_level, 'none'), warnings);
CREATE VIEW v_measurements AS
SELECT
  s.name AS study,
  substr(c.hash, 1, 12) AS cell,
  c.problem AS model,
  c.model_state AS state,
  c.step AS step,
  substr(c.training, 1, 12) AS training,
  c.estimator AS estimator,
  c.estimator_label AS label,
  c.target AS target,
  c.target_law AS target_law,
  c.tau_forward AS tau_forward,
  c.tau_backward AS tau_backward,
  c.seed AS seed,
  m.scope AS scope,
  m.metric AS metric,
  f.unit AS unit,
  m.value AS value,
  coalesce(f.value_kind, 'missing') AS value_kind,
  m.se AS se,
  m.ci_low AS ci_low,
  m.ci_high AS ci_high,
  f.ci_level AS ci_level,
  f.ci_method AS ci_method,
  coalesce(f.moments, r.moments) AS moments,
  m.n AS n,
  f.debiased AS debiased,
  m.resolved AS resolved,
  coalesce(r.state, 'pending') AS cell_state,
  (instr(f.warnings, 'tail') > 0) AS tail,
  coalesce(f.warnings, '') AS warning
FROM study s
JOIN study_cell sc ON sc.study_id = s.id
JOIN cell c ON c.id = sc.cell_id
LEFT JOIN result r ON r.cell_id = c.id
LEFT JOIN measurement m ON m.cell_id = c.id
LEFT JOIN form f ON f.id = m.form;
CREATE VIEW v_fidelity AS
SELECT
  s.name AS study,
  substr(c.hash, 1, 12) AS cell,
  c.problem AS model,
  c.model_state AS state,
  c.step AS step,
  substr(c.training, 1, 12) AS training,
  c.estimator AS estimator,
  c.estimator_label AS label,
  c.target AS target,
  c.target_law AS target_law,
  c.tau_forward AS tau_forward,
  c.tau_backward AS tau_backward,
  c.seed AS seed,
  k.scope AS scope,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'bias_sq') AS bias_sq,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'bias_sq') AS bias_sq_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'rel_bias') AS rel_bias,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'rel_bias') AS rel_bias_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'variance') AS variance,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'variance') AS variance_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'variance_mean') AS variance_mean,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'variance_mean') AS variance_mean_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'mse') AS mse,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'mse') AS mse_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'rmse_1') AS rmse_1,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'rmse_1') AS rmse_1_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'rmse_10') AS rmse_10,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'rmse_10') AS rmse_10_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'rmse_100') AS rmse_100,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'rmse_100') AS rmse_100_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'rmse_1000') AS rmse_1000,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'rmse_1000') AS rmse_1000_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'snr') AS snr,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'snr') AS snr_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'cos_mean') AS cos_mean,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'cos_mean') AS cos_mean_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'cos_draw') AS cos_draw,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'cos_draw') AS cos_draw_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'scale') AS scale,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'scale') AS scale_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'scale_free_bias') AS scale_free_bias,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'scale_free_bias') AS scale_free_bias_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_latent') AS gap_latent,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_latent') AS gap_latent_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_latent_rel') AS gap_latent_rel,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_latent_rel') AS gap_latent_rel_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_logits') AS gap_logits,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_logits') AS gap_logits_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_logits_rel') AS gap_logits_rel,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_logits_rel') AS gap_logits_rel_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_layer') AS gap_layer,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_layer') AS gap_layer_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_layer_rel') AS gap_layer_rel,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_layer_rel') AS gap_layer_rel_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_bypass_row') AS gap_bypass_row,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_bypass_row') AS gap_bypass_row_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_bypass_row_rel') AS gap_bypass_row_rel,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_bypass_row_rel') AS gap_bypass_row_rel_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'target_norm') AS target_norm,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'target_norm') AS target_norm_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'estimate_norm') AS estimate_norm,
  (SELECT m.se FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'estimate_norm') AS estimate_norm_se,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'target_error_sq') AS target_error_sq,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'target_error_ratio') AS target_error_ratio,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'reinmax_bias_target') AS reinmax_bias_target,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'reinmax_bias_mean') AS reinmax_bias_mean,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'reinmax_std_mean') AS reinmax_std_mean,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'reinmax_cos') AS reinmax_cos,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'value_calls') AS value_calls,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gradient_calls') AS gradient_calls,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'mse_cost') AS mse_cost,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_bypass_latent') AS gap_bypass_latent,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_bypass_latent_rel') AS gap_bypass_latent_rel,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_bypass_layer') AS gap_bypass_layer,
  (SELECT m.value FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'gap_bypass_layer_rel') AS gap_bypass_layer_rel,
  (SELECT m.resolved FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'bias_sq') AS bias_resolved,
  (SELECT m.n FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'bias_sq') AS n,
  r.seconds AS seconds,
  1e9 * r.seconds / (SELECT m.n FROM measurement m WHERE m.cell_id = k.cell_id AND m.scope = k.scope AND m.metric = 'bias_sq') AS ns_per_estimate,
  r.moments AS moments,
  coalesce(r.state, 'pending') AS cell_state,
  (SELECT max((instr(f.warnings, 'tail') > 0)) FROM measurement m JOIN form f ON f.id = m.form WHERE m.cell_id = k.cell_id AND m.scope = k.scope) AS tail,
  (SELECT substr(CASE WHEN max((instr(f.warnings, 'tail') > 0)) THEN ',tail' ELSE '' END || CASE WHEN max((instr(f.warnings, 'rare') > 0)) THEN ',rare' ELSE '' END || CASE WHEN max((instr(f.warnings, 'rounding') > 0)) THEN ',rounding' ELSE '' END, 2) FROM measurement m JOIN form f ON f.id = m.form WHERE m.cell_id = k.cell_id AND m.scope = k.scope) AS warning
FROM study s
JOIN study_cell sc ON sc.study_id = s.id
JOIN cell c ON c.id = sc.cell_id
LEFT JOIN result r ON r.cell_id = c.id
LEFT JOIN cell_scope k ON k.cell_id = c.id;
CREATE VIEW v_coverage AS
SELECT problem, estimator, metric, ci_method, ci_level, n, repeats, coverage, constant, flagged,
  measured_at, version, warned, coverage_unwarned, uniformity
FROM coverage;
CREATE VIEW v_budget AS
WITH budgets(budget) AS (VALUES (1), (3), (10), (30), (100), (300), (1000), (3000), (10000), (30000), (100000), (300000), (1000000)),
affordable AS (
  SELECT
    s.name AS study,
    substr(c.hash, 1, 12) AS cell,
    c.problem AS model,
    c.model_state AS state,
    c.target_law AS target_law,
    p.scope AS scope,
    g.budget AS budget,
    c.estimator_label AS label,
    (x.value + 3 * y.value) AS cost,
    CAST(g.budget / (x.value + 3 * y.value) AS INTEGER) AS m,
    t.value AS target_norm,
  sqrt(max(b.value, 0) + max(v.value, 0) / CAST(g.budget / (x.value + 3 * y.value) AS INTEGER)) / t.value AS rmse,
  sqrt(max(b.ci_low, 0) + max(v.ci_low, 0) / CAST(g.budget / (x.value + 3 * y.value) AS INTEGER)) / t.ci_high AS rmse_low,
  CASE WHEN t.ci_low > 0 THEN
    sqrt(max(b.ci_high, 0) + max(v.ci_high, 0) / CAST(g.budget / (x.value + 3 * y.value) AS INTEGER)) / t.ci_low END AS rmse_high
  FROM study s
  JOIN study_cell sc ON sc.study_id = s.id
  JOIN cell c ON c.id = sc.cell_id
  JOIN cell_scope p ON p.cell_id = c.id
  JOIN measurement x ON x.cell_id = p.cell_id
    AND x.scope = CASE c.estimator WHEN 'sample-files' THEN 'all' ELSE 'logits' END AND x.metric = 'value_calls'
  JOIN measurement y ON y.cell_id = p.cell_id
    AND y.scope = CASE c.estimator WHEN 'sample-files' THEN 'all' ELSE 'logits' END AND y.metric = 'gradient_calls'
JOIN measurement b ON b.cell_id = p.cell_id
  AND b.scope = p.scope AND b.metric = 'bias_sq'
JOIN measurement v ON v.cell_id = p.cell_id
  AND v.scope = p.scope AND v.metric = 'variance'
JOIN measurement t ON t.cell_id = p.cell_id
  AND t.scope = p.scope AND t.metric = 'target_norm'
  CROSS JOIN budgets g ON g.budget >= (x.value + 3 * y.value)
  WHERE (x.value + 3 * y.value) > 0 AND b.value IS NOT NULL AND v.value IS NOT NULL AND t.value > 0
),
ranked AS (
  SELECT *,
    rank() OVER same_target AS rank,
    min(rmse_low) OVER (
      same_target ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS others
  FROM affordable
  WINDOW same_target AS (
    PARTITION BY study, model, state, target_law, scope, budget,
      printf('%.5e', target_norm)
    ORDER BY rmse)
)
SELECT
  study, model, state, target_law, scope, budget, label, m, rmse, rmse_low, rmse_high, rank,
  CASE WHEN others IS NOT NULL THEN coalesce(rmse_high * 1.000000001 < others, 0) END
    AS resolved,
  cost, target_norm, cell
FROM ranked;
CREATE VIEW v_cells AS
SELECT
  s.name AS study,
  substr(c.hash, 1, 12) AS cell,
  c.problem AS model,
  c.model_state AS state,
  c.step AS step,
  substr(c.training, 1, 12) AS training,
  c.estimator AS estimator,
  c.estimator_label AS label,
  c.target AS target,
  c.target_law AS target_law,
  c.tau_forward AS tau_forward,
  c.tau_backward AS tau_backward,
  c.seed AS seed,
  sc.position AS position,
  c.hash AS hash,
  coalesce(r.state, CASE WHEN (
    SELECT n.ended_at IS NULL FROM run n WHERE n.study_id = s.id ORDER BY n.id DESC LIMIT 1
  ) THEN 'stale' ELSE 'pending' END) AS cell_state,
  r.message AS message,
  r.moments AS moments,
  r.seconds AS seconds,
  r.finished_at AS finished_at,
  r.run_id AS run,
  c.problem_json AS problem_json,
  c.estimator_json AS estimator_json,
  c.resolved_json AS resolved_json,
  c.route AS route,
  c.route_reason AS route_reason
FROM study s
JOIN study_cell sc ON sc.study_id = s.id
JOIN cell c ON c.id = sc.cell_id
LEFT JOIN result r ON r.cell_id = c.id;
COMMIT;

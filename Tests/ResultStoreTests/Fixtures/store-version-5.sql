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
INSERT INTO study VALUES(1,'version-five','version-five.yaml','3ef9ebeb9990947caff7a2fa1b581d422660c810adf3e2850781cd64c80ca254','{"cells":["fb7d1c78212ca9d7689c0ff3dd80f02310b8d5ddbc101412d4e8a636788634ca","994a8a4b1250dae07d04ca02e8b0da7d369c3def023f336a898ebff3ef2fb975"],"format":1,"kind":"training","name":"version-five","seed":7,"title":"","trainings":[{"hash":"e5a0931feee3830a35bc6160bd87d31a164f1ae12fff4aa8593bebb1aa3e72ce","steps":4}]}','2026-12-01T03:42:02.706Z');
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
INSERT INTO run VALUES(1,1,'3ef9ebeb9990947caff7a2fa1b581d422660c810adf3e2850781cd64c80ca254','0.1.0','c0ffee','machine','cpu','blas','Swift','7',2,'2026-12-01T03:42:02.707Z','2026-12-01T03:42:02.739Z',0,'gradfid run version-five.yaml');
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
INSERT INTO cell VALUES(1,'fb7d1c78212ca9d7689c0ff3dd80f02310b8d5ddbc101412d4e8a636788634ca','categorical-vae categories=2 latents=2 rows=2 data=procedural hidden-1=3 hidden-2=2 procedural','{"inputs":{"data":"procedural"},"kind":"categorical-vae","parameters":{"binarise":"threshold","categories":2,"data":"procedural","hidden-1":3,"hidden-2":2,"latents":2,"offset":0,"rows":2,"seed":1}}','initial','reinforce-loo','reinforce-loo(samples=2)','{"kind":"reinforce-loo","parameters":{"samples":2}}',NULL,NULL,0,NULL,'exact','own','7','{"estimator":{"kind":"reinforce-loo","parameters":{"samples":2}},"format":1,"measure":{"at":["logits"],"blocks":32,"draws":64,"gap":true,"level":0.95,"moments":"monte-carlo","per-draw-samples":128},"problem":{"inputs":{"data":"procedural"},"kind":"categorical-vae","parameters":{"binarise":"threshold","categories":2,"data":"procedural","hidden-1":3,"hidden-2":2,"latents":2,"offset":0,"rows":2,"seed":1}},"seed":7,"state":"initial","target":{"draws":"auto","error-fraction":0.1,"kind":"auto","law":"own","max-draws":1048576,"max-states":16384,"samples":4}}','draws-lanes',NULL);
INSERT INTO cell VALUES(2,'994a8a4b1250dae07d04ca02e8b0da7d369c3def023f336a898ebff3ef2fb975','categorical-vae categories=2 latents=2 rows=2 data=procedural hidden-1=3 hidden-2=2 procedural','{"inputs":{"data":"procedural"},"kind":"categorical-vae","parameters":{"binarise":"threshold","categories":2,"data":"procedural","hidden-1":3,"hidden-2":2,"latents":2,"offset":0,"rows":2,"seed":1}}','trained:st:4:batch=10','reinforce-loo','reinforce-loo(samples=2)','{"kind":"reinforce-loo","parameters":{"samples":2}}',NULL,NULL,4,'e5a0931feee3830a35bc6160bd87d31a164f1ae12fff4aa8593bebb1aa3e72ce','exact','own','7','{"estimator":{"kind":"reinforce-loo","parameters":{"samples":2}},"format":1,"measure":{"at":["logits"],"blocks":32,"draws":64,"gap":true,"level":0.95,"moments":"monte-carlo","per-draw-samples":128},"problem":{"inputs":{"data":"procedural"},"kind":"categorical-vae","parameters":{"binarise":"threshold","categories":2,"data":"procedural","hidden-1":3,"hidden-2":2,"latents":2,"offset":0,"rows":2,"seed":1}},"seed":7,"state":{"batch":10,"estimator":"st","learning-rate":0.0005,"parameters":{"tau":1},"seed":1,"steps":4},"target":{"draws":"auto","error-fraction":0.1,"kind":"auto","law":"own","max-draws":1048576,"max-states":16384,"samples":4}}','draws-lanes',NULL);
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
INSERT INTO result VALUES(1,1,'done',NULL,'monte-carlo',0.002964496612548828125,'2026-12-01T03:42:02.714Z');
INSERT INTO result VALUES(2,1,'done',NULL,'monte-carlo',0.0030401945114135742187,'2026-12-01T03:42:02.739Z');
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
INSERT INTO training VALUES(1,'e5a0931feee3830a35bc6160bd87d31a164f1ae12fff4aa8593bebb1aa3e72ce','categorical-vae categories=2 latents=2 rows=2 data=procedural hidden-1=3 hidden-2=2 procedural','st','st(tau=1.0)','adam',0.0005000000000000000104,10,'1','{"format":1,"problem":{"inputs":{"data":"procedural"},"kind":"categorical-vae","parameters":{"binarise":"threshold","categories":2,"data":"procedural","hidden-1":3,"hidden-2":2,"latents":2,"offset":0,"rows":2,"seed":1}},"training":{"batch":10,"estimator":"st","learning-rate":0.0005,"optimiser":"adam","parameters":{"tau":1},"seed":1}}');
CREATE TABLE study_training (
  study_id INTEGER NOT NULL REFERENCES study(id),
  training_id INTEGER NOT NULL REFERENCES training(id),
  position INTEGER NOT NULL,
  steps INTEGER NOT NULL,
  PRIMARY KEY (study_id, training_id)
) STRICT, WITHOUT ROWID;
INSERT INTO study_training VALUES(1,1,0,4);
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
INSERT INTO training_step VALUES(1,1,958.16242951802996687,958.15697157382965091,0.005457944200379238539,1.9985039337936529868,121.12408744039765907);
INSERT INTO training_step VALUES(1,2,724.71319179369811536,724.71241679543163625,0.00077499826646405529755,1.999800450518229189,76.819975392710603046);
INSERT INTO training_step VALUES(1,3,890.13969850527575999,890.13939968499471433,0.00029882028108717538809,1.9999650117437608454,107.0072678991398476);
INSERT INTO training_step VALUES(1,4,805.67916867912833826,805.67912564771245343,4.303141581665226447e-05,1.9999978235876323395,92.79817689494136346);
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
INSERT INTO form VALUES(1,'finite','gradient^2',0.94999999999999995559,'score-t','monte-carlo',1,'');
INSERT INTO form VALUES(2,'finite','1',0.94999999999999995559,'score-t','monte-carlo',1,'');
INSERT INTO form VALUES(3,'finite','gradient^2',0.94999999999999995559,'log-t','monte-carlo',1,'');
INSERT INTO form VALUES(4,'finite','gradient^2',0.94999999999999995559,'student-t','monte-carlo',1,'');
INSERT INTO form VALUES(5,'finite','1',0.94999999999999995559,'student-t','monte-carlo',1,'');
INSERT INTO form VALUES(6,'finite','1',0.94999999999999995559,'fieller-t','monte-carlo',1,'');
INSERT INTO form VALUES(7,'finite','gradient',NULL,'exact','exact',1,'');
INSERT INTO form VALUES(8,'finite','gradient^2',NULL,'exact','exact',1,'');
INSERT INTO form VALUES(9,'finite','gradient',0.94999999999999995559,'score-t','monte-carlo',1,'');
INSERT INTO form VALUES(10,'finite','1',0.94999999999999995559,'score-t','monte-carlo',0,'');
INSERT INTO form VALUES(11,'finite','1',0.94999999999999995559,'fieller-t','monte-carlo',0,'');
INSERT INTO form VALUES(12,'finite','1',NULL,'exact','exact',1,'');
INSERT INTO form VALUES(13,'finite','calls',NULL,'exact','exact',1,'');
INSERT INTO form VALUES(14,'finite','gradient^2 x calls',0.94999999999999995559,'student-t','monte-carlo',1,'');
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
INSERT INTO measurement VALUES(1,'logits','bias_sq',384.69597691878209388,1134.3512883352293556,-1407.8633319814084643,6778.4969990205299838,64,0,1);
INSERT INTO measurement VALUES(1,'logits','cos_draw',0.54330616044997259717,0.0199703380427357427,0.5037884654163876652,0.58282385548355752913,128,NULL,5);
INSERT INTO measurement VALUES(1,'logits','cos_mean',0.99146429739208052911,0.028939203799015239537,0.88196795500327362926,1.000003814697265625,64,NULL,6);
INSERT INTO measurement VALUES(1,'logits','estimate_norm',171.01302217382115599,21.917262090933526507,131.90347367899590835,221.3005145649022154,64,NULL,9);
INSERT INTO measurement VALUES(1,'logits','gradient_calls',0.0,0.0,0.0,0.0,NULL,NULL,13);
INSERT INTO measurement VALUES(1,'logits','mse',61744.210983937118726,7321.3909179304610006,46813.175273939807083,76675.24669393443037,64,NULL,4);
INSERT INTO measurement VALUES(1,'logits','mse_cost',123488.42196787423745,14642.781835860922001,93626.350547879614166,153350.49338786886073,64,NULL,14);
INSERT INTO measurement VALUES(1,'logits','reinmax_bias_mean',0.21089934820285560768,0.11806749119571076367,0.0,0.48155348953000798317,64,NULL,10);
INSERT INTO measurement VALUES(1,'logits','reinmax_bias_target',0.22782428468221194162,0.125471786497540011,0.0,0.51175580918834895349,64,NULL,10);
INSERT INTO measurement VALUES(1,'logits','reinmax_cos',0.97895691330656331441,0.028939203799015239537,0.88196795500327362926,1.000003814697265625,64,NULL,11);
INSERT INTO measurement VALUES(1,'logits','reinmax_std_mean',1.4253033895750375492,0.118246269498648221,1.2087610999341247275,1.6910273663259125509,64,NULL,11);
INSERT INTO measurement VALUES(1,'logits','rel_bias',0.12191298331189164005,0.125471786497540011,0.0,0.51175580918834895349,64,0,2);
INSERT INTO measurement VALUES(1,'logits','rmse_1',1.5445047891545005125,0.09226037036132428426,1.3448532522747942419,1.7211540606848485523,64,NULL,5);
INSERT INTO measurement VALUES(1,'logits','rmse_10',0.50192230705769980136,0.075128902004905656619,0.39596965242031212373,0.70239074069150575496,64,NULL,2);
INSERT INTO measurement VALUES(1,'logits','rmse_100',0.19639016824224525548,0.13065468248086328784,0.0,0.53289698128687246203,64,NULL,2);
INSERT INTO measurement VALUES(1,'logits','rmse_1000',0.13127607462225077128,0.12599714331099159947,0.0,0.51389875375872995366,64,NULL,2);
INSERT INTO measurement VALUES(1,'logits','scale',0.93593937448459463279,0.13336156572312307666,0.73581622098664245523,1.2797381871705928446,64,NULL,6);
INSERT INTO measurement VALUES(1,'logits','scale_free_bias',0.13037847597217974704,0.11555807038778358186,0.0,0.47131749456913912821,64,0,6);
INSERT INTO measurement VALUES(1,'logits','snr',0.47662459114415639538,0.082060461273679760618,0.34969985633063938035,0.68439496126814991505,64,NULL,6);
INSERT INTO measurement VALUES(1,'logits','target_error_ratio',0.0,0.0,0.0,0.0,NULL,NULL,12);
INSERT INTO measurement VALUES(1,'logits','target_error_sq',0.0,0.0,0.0,0.0,NULL,NULL,8);
INSERT INTO measurement VALUES(1,'logits','target_norm',160.88252113931298481,0.00048828125,160.88203285806298481,160.88300942056298481,NULL,NULL,7);
INSERT INTO measurement VALUES(1,'logits','value_calls',2.0,0.0,2.0,2.0,NULL,NULL,13);
INSERT INTO measurement VALUES(1,'logits','variance',61359.515007018337199,7072.9120315399850371,48505.060663260752334,77619.962051646682085,64,NULL,3);
INSERT INTO measurement VALUES(1,'logits','variance_mean',7669.9393758772921501,884.11400394249812957,6063.132582907594042,9702.4952564558352603,64,NULL,3);
INSERT INTO measurement VALUES(2,'logits','bias_sq',1448.7115434933657524,1753.8286862802319774,-512.05655198963677321,9262.1353671318738635,64,0,1);
INSERT INTO measurement VALUES(2,'logits','cos_draw',0.51083285074388395941,0.022204260172076977636,0.46689462696175365596,0.55477107452601426285,128,NULL,5);
INSERT INTO measurement VALUES(2,'logits','cos_mean',1.0,0.0092137651996391616016,0.96244029507773076748,1.00000762939453125,64,NULL,6);
INSERT INTO measurement VALUES(2,'logits','estimate_norm',200.64689141741479262,19.878911209541449522,164.04329618256724643,245.12584900632734274,64,NULL,9);
INSERT INTO measurement VALUES(2,'logits','gradient_calls',0.0,0.0,0.0,0.0,NULL,NULL,13);
INSERT INTO measurement VALUES(2,'logits','mse',74231.41089229179488,7308.0862474956602456,59328.54974999253318,89134.272034591063857,64,NULL,4);
INSERT INTO measurement VALUES(2,'logits','mse_cost',148462.82178458358976,14616.17249499132049,118657.09949998506636,178268.5440691821277,64,NULL,14);
INSERT INTO measurement VALUES(2,'logits','reinmax_bias_mean',0.24993553808564838991,0.11774157088945769178,0.0,0.48022405183589444988,64,NULL,10);
INSERT INTO measurement VALUES(2,'logits','reinmax_bias_target',0.32245137792379541252,0.1496209258023544486,0.0,0.6102607978504869246,64,NULL,10);
INSERT INTO measurement VALUES(2,'logits','reinmax_cos',0.99232844457374713709,0.0092137651996391616016,0.96244029507773076748,1.00000762939453125,64,NULL,11);
INSERT INTO measurement VALUES(2,'logits','reinmax_std_mean',1.3259671572106959125,0.097720820122112250771,1.1519886740257383461,1.5505310804239784694,64,NULL,11);
INSERT INTO measurement VALUES(2,'logits','rel_bias',0.24134920519415006823,0.1496209258023544486,0.0,0.6102607978504869246,64,0,2);
INSERT INTO measurement VALUES(2,'logits','rmse_1',1.7276221764560260041,0.085485450085135944453,1.5444914829315137261,1.8931254859056561024,64,NULL,5);
INSERT INTO measurement VALUES(2,'logits','rmse_10',0.59236165762254466837,0.088225471742594957502,0.45970447708220535387,0.819546825516770161,64,NULL,2);
INSERT INTO measurement VALUES(2,'logits','rmse_100',0.29582719331595608291,0.14455874890052564096,0.044235777681024400498,0.63386307860193957797,64,NULL,2);
INSERT INTO measurement VALUES(2,'logits','rmse_1000',0.24733755839658230768,0.15020836788639765901,0.0,0.61265698990925743228,64,NULL,2);
INSERT INTO measurement VALUES(2,'logits','scale',0.79089161001112340265,0.084388005780141495115,0.65420961610216488146,0.99836711424289259486,64,NULL,6);
INSERT INTO measurement VALUES(2,'logits','scale_free_bias',0.0,0.066567008015956510846,0.0,0.27148163364796645824,64,0,6);
INSERT INTO measurement VALUES(2,'logits','snr',0.55314209826894100707,0.082763171398681792401,0.4159491221476007694,0.75351060058283236831,64,NULL,6);
INSERT INTO measurement VALUES(2,'logits','target_error_ratio',0.0,0.0,0.0,0.0,NULL,NULL,12);
INSERT INTO measurement VALUES(2,'logits','target_error_sq',0.0,0.0,0.0,0.0,NULL,NULL,8);
INSERT INTO measurement VALUES(2,'logits','target_norm',157.70486368869359238,0.00048828125,157.70437540744359238,157.70535196994359238,NULL,NULL,7);
INSERT INTO measurement VALUES(2,'logits','value_calls',2.0,0.0,2.0,2.0,NULL,NULL,13);
INSERT INTO measurement VALUES(2,'logits','variance',72782.699348798429129,5848.0323180910818337,61782.294385889494152,85741.35064254235476,64,NULL,3);
INSERT INTO measurement VALUES(2,'logits','variance_mean',9097.8374185998036405,731.0040397613852292,7722.7867982361867687,10717.668830317794345,64,NULL,3);
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

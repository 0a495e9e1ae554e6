PRAGMA application_id = 1195796836;
PRAGMA user_version = 3;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1-tables-and-views');
INSERT INTO grdb_migrations VALUES('2-plans');
INSERT INTO grdb_migrations VALUES('3-forms');
CREATE TABLE study (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  file TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  resolved_json TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
INSERT INTO study VALUES(1,'version-three','version-three.yaml','93a0151e19163515fba2a0b8768b6a43b7594999dbb71acbd6f80d1f04b1e316','{"cells":["6cd19006ba484980ac0eb861471b650f45b6a891793e146c3611473c3ebe41e3","b4a359cd7dbbb5bfeb027aa5774c7694650ae663cbac4cd9da81bb17b2bf1f10","687302ccbf52c6b6b1fd8ff1cb14b09500c2a8bec9c1d5494b8a90a12c98366e"],"format":1,"name":"version-three","seed":7,"title":""}','2026-11-30T15:30:16.537Z');
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
INSERT INTO run VALUES(1,1,'93a0151e19163515fba2a0b8768b6a43b7594999dbb71acbd6f80d1f04b1e316','0.1.0','c0ffee','machine','cpu','blas','Swift','7',2,'2026-11-30T15:30:16.537Z','2026-11-30T15:30:16.574Z',3,'gradfid run version-three.yaml');
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
) STRICT;
INSERT INTO cell VALUES(1,'6cd19006ba484980ac0eb861471b650f45b6a891793e146c3611473c3ebe41e3','json file=h3.json','{"inputs":{"file":"460299fac29d91367775470bc24852425bd90e161fd6c1d537c9257f8aef48e6"},"kind":"json","parameters":{"file":"h3.json"}}','initial','reinforce','reinforce','{"kind":"reinforce","parameters":{}}',NULL,NULL,NULL,NULL,'exact','own','7','{"estimator":{"kind":"reinforce","parameters":{}},"format":1,"measure":{"at":["all","layers","logits"],"blocks":8,"draws":64,"gap":false,"level":0.95,"moments":"monte-carlo","per-draw-samples":8},"problem":{"inputs":{"file":"460299fac29d91367775470bc24852425bd90e161fd6c1d537c9257f8aef48e6"},"kind":"json","parameters":{"file":"h3.json"}},"seed":7,"state":"initial","target":{"draws":"auto","error-fraction":0.1,"kind":"auto","law":"own","max-draws":1048576,"max-states":16384,"samples":4}}');
INSERT INTO cell VALUES(2,'b4a359cd7dbbb5bfeb027aa5774c7694650ae663cbac4cd9da81bb17b2bf1f10','json file=h3.json','{"inputs":{"file":"460299fac29d91367775470bc24852425bd90e161fd6c1d537c9257f8aef48e6"},"kind":"json","parameters":{"file":"h3.json"}}','initial','reinforce-loo','reinforce-loo(samples=2)','{"kind":"reinforce-loo","parameters":{"samples":2}}',NULL,NULL,NULL,NULL,'exact','own','7','{"estimator":{"kind":"reinforce-loo","parameters":{"samples":2}},"format":1,"measure":{"at":["all","layers","logits"],"blocks":8,"draws":64,"gap":false,"level":0.95,"moments":"monte-carlo","per-draw-samples":8},"problem":{"inputs":{"file":"460299fac29d91367775470bc24852425bd90e161fd6c1d537c9257f8aef48e6"},"kind":"json","parameters":{"file":"h3.json"}},"seed":7,"state":"initial","target":{"draws":"auto","error-fraction":0.1,"kind":"auto","law":"own","max-draws":1048576,"max-states":16384,"samples":4}}');
INSERT INTO cell VALUES(3,'687302ccbf52c6b6b1fd8ff1cb14b09500c2a8bec9c1d5494b8a90a12c98366e','json file=h3.json','{"inputs":{"file":"460299fac29d91367775470bc24852425bd90e161fd6c1d537c9257f8aef48e6"},"kind":"json","parameters":{"file":"h3.json"}}','initial','st','st(tau=1.0)','{"kind":"st","parameters":{"tau":1}}',1.0,1.0,NULL,NULL,'exact','own','7','{"estimator":{"kind":"st","parameters":{"tau":1}},"format":1,"measure":{"at":["all","layers","logits"],"blocks":8,"draws":64,"gap":false,"level":0.95,"moments":"monte-carlo","per-draw-samples":8},"problem":{"inputs":{"file":"460299fac29d91367775470bc24852425bd90e161fd6c1d537c9257f8aef48e6"},"kind":"json","parameters":{"file":"h3.json"}},"seed":7,"state":"initial","target":{"draws":"auto","error-fraction":0.1,"kind":"auto","law":"own","max-draws":1048576,"max-states":16384,"samples":4}}');
CREATE TABLE study_cell (
  study_id INTEGER NOT NULL REFERENCES study(id),
  cell_id INTEGER NOT NULL REFERENCES cell(id),
  position INTEGER NOT NULL,
  PRIMARY KEY (study_id, cell_id)
) STRICT, WITHOUT ROWID;
INSERT INTO study_cell VALUES(1,1,0);
INSERT INTO study_cell VALUES(1,2,1);
INSERT INTO study_cell VALUES(1,3,2);
CREATE TABLE result (
  cell_id INTEGER PRIMARY KEY REFERENCES cell(id),
  run_id INTEGER NOT NULL REFERENCES run(id),
  state TEXT NOT NULL CHECK (state IN ('done', 'failed', 'diverged')),
  message TEXT,
  moments TEXT NOT NULL,
  seconds REAL NOT NULL,
  finished_at TEXT NOT NULL
) STRICT;
INSERT INTO result VALUES(1,1,'done',NULL,'monte-carlo',0.000432491302490234375,'2026-11-30T15:30:16.560Z');
INSERT INTO result VALUES(2,1,'done',NULL,'monte-carlo',0.00040590763092041015625,'2026-11-30T15:30:16.560Z');
INSERT INTO result VALUES(3,1,'failed','the table has no gradients','',0.0,'2026-11-30T15:30:16.560Z');
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
  flagged INTEGER NOT NULL CHECK (flagged IN (0, 1)),
  UNIQUE (problem, estimator, metric, ci_level, n, repeats)
) STRICT;
INSERT INTO coverage VALUES(1,'2026-11-28T10:00:00.000Z','0.9.0','bernoulli-toy','st tau=1.0','bias_sq','score-t',0.94999999999999995559,256,1000,0.94799999999999995381,0,0);
INSERT INTO coverage VALUES(2,'2026-11-28T10:00:00.000Z','0.9.0','bernoulli-toy','st tau=1.0','gap_latent_rel','student-t',0.94999999999999995559,256,1000,0.43699999999999999955,0,1);
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
INSERT INTO sqlite_stat1 VALUES('form','form_by_content','100 20 10 5 2 2 1');
INSERT INTO sqlite_stat1 VALUES('measurement','measurement','1000000 100 25 1');
CREATE TABLE form (
  id INTEGER PRIMARY KEY,
  value_kind TEXT NOT NULL
    CHECK (value_kind IN ('finite', 'nan', 'pos_inf', 'neg_inf', 'missing')),
  unit TEXT NOT NULL,
  ci_level REAL,
  ci_method TEXT NOT NULL,
  moments TEXT NOT NULL,
  debiased INTEGER NOT NULL CHECK (debiased IN (0, 1))
) STRICT;
INSERT INTO form VALUES(1,'finite','gradient^2',0.94999999999999995559,'score-t','monte-carlo',1);
INSERT INTO form VALUES(2,'finite','1',0.94999999999999995559,'score-t','monte-carlo',1);
INSERT INTO form VALUES(3,'finite','gradient^2',0.94999999999999995559,'log-t','monte-carlo',1);
INSERT INTO form VALUES(4,'finite','gradient^2',0.94999999999999995559,'student-t','monte-carlo',1);
INSERT INTO form VALUES(5,'finite','1',0.94999999999999995559,'student-t','monte-carlo',1);
INSERT INTO form VALUES(6,'finite','1',0.94999999999999995559,'fieller-t','monte-carlo',1);
INSERT INTO form VALUES(7,'finite','gradient',0.94999999999999995559,'exact','exact',1);
INSERT INTO form VALUES(8,'finite','gradient^2',0.94999999999999995559,'exact','exact',1);
INSERT INTO form VALUES(9,'finite','gradient',0.94999999999999995559,'score-t','monte-carlo',1);
INSERT INTO form VALUES(10,'finite','1',0.94999999999999995559,'score-t','monte-carlo',0);
INSERT INTO form VALUES(11,'finite','1',0.94999999999999995559,'fieller-t','monte-carlo',0);
INSERT INTO form VALUES(12,'finite','1',0.94999999999999995559,'exact','exact',1);
INSERT INTO form VALUES(13,'finite','calls',0.94999999999999995559,'exact','exact',1);
INSERT INTO form VALUES(14,'finite','gradient^2 x calls',0.94999999999999995559,'student-t','monte-carlo',1);
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
INSERT INTO measurement VALUES(1,'logits','bias_sq',0.0012280353988270683099,0.001731915244947237727,-0.0012943452890838563762,0.01135979206495084208,64,0,1);
INSERT INTO measurement VALUES(1,'logits','cos_draw',0.70815235795955744357,0.1545315135195779177,0.34274339345582532923,1.0735613224632896134,8,NULL,5);
INSERT INTO measurement VALUES(1,'logits','cos_mean',0.99422330184385809825,0.0095901440301881576283,0.95411876879838175558,0.99947294309848311311,64,NULL,6);
INSERT INTO measurement VALUES(1,'logits','estimate_norm',0.43823107813772743668,0.027225454208601073541,0.37853786392848626229,0.50729380249306010863,64,NULL,9);
INSERT INTO measurement VALUES(1,'logits','gradient_calls',0.0,0.0,0.0,0.0,NULL,NULL,13);
INSERT INTO measurement VALUES(1,'logits','mse',0.12025019645087473008,0.015211192040855636697,0.084281442855432348038,0.15621895004631711212,64,NULL,4);
INSERT INTO measurement VALUES(1,'logits','mse_cost',0.12025019645087473008,0.015211192040855636697,0.084281442855432348038,0.15621895004631711212,64,NULL,14);
INSERT INTO measurement VALUES(1,'logits','reinmax_bias_mean',0.1261902169952516528,0.051441380490314908557,0.0,0.24327907168562104556,64,NULL,10);
INSERT INTO measurement VALUES(1,'logits','reinmax_bias_target',0.13321498026218311916,0.054028708553234931766,0.0,0.25551518905443559859,64,NULL,10);
INSERT INTO measurement VALUES(1,'logits','reinmax_cos',0.99306254498400581276,0.0095901440301881576283,0.95411876879838175558,0.99947294309848311311,64,NULL,11);
INSERT INTO measurement VALUES(1,'logits','reinmax_std_mean',0.78346223819610705252,0.072099793905603282162,0.61159850090215317486,0.95257634331021545648,64,NULL,11);
INSERT INTO measurement VALUES(1,'logits','rel_bias',0.084011158524370535549,0.054028708553234931766,0.0,0.25551518905443559859,64,0,2);
INSERT INTO measurement VALUES(1,'logits','rmse_1',0.83133186644925982644,0.053192514105988623895,0.69598120525494167054,0.94754182297136557711,64,NULL,5);
INSERT INTO measurement VALUES(1,'logits','rmse_10',0.27470594186938734893,0.022335871890801405059,0.25147706270165598452,0.35710895140857312757,64,NULL,2);
INSERT INTO measurement VALUES(1,'logits','rmse_100',0.11789157192429383647,0.046777178093653178081,0.044449330068671667748,0.26567022955132568728,64,NULL,2);
INSERT INTO measurement VALUES(1,'logits','rmse_1000',0.087988235316002999519,0.054245406956115301,0.0,0.25654000965190026928,64,NULL,2);
INSERT INTO measurement VALUES(1,'logits','scale',0.94980526231566297923,0.058891047923872653913,0.83103852435832137324,1.1095489246033256591,64,NULL,6);
INSERT INTO measurement VALUES(1,'logits','scale_free_bias',0.10733138436960906747,0.056449893290418384772,0.032462840511211461802,0.29942841385990764946,64,1,6);
INSERT INTO measurement VALUES(1,'logits','snr',1.6135354638853702802,0.33226677195156495425,1.1020477603283409528,2.6734198942385800634,64,NULL,6);
INSERT INTO measurement VALUES(1,'logits','target_error_ratio',0.0,0.0,0.0,0.0,NULL,NULL,12);
INSERT INTO measurement VALUES(1,'logits','target_error_sq',0.0,0.0,0.0,0.0,NULL,NULL,8);
INSERT INTO measurement VALUES(1,'logits','target_norm',0.41712716057246268519,0.0,0.41712716057246268519,0.41712716057246268519,NULL,NULL,7);
INSERT INTO measurement VALUES(1,'logits','value_calls',1.0,0.0,1.0,1.0,NULL,NULL,13);
INSERT INTO measurement VALUES(1,'logits','variance',0.11902216105204765916,0.017212109925333719112,0.084551019029521307102,0.16754706192900362116,64,NULL,3);
INSERT INTO measurement VALUES(1,'logits','variance_mean',0.029755540263011914792,0.0043030274813334297781,0.021137754757380326775,0.04188676548225090529,64,NULL,3);
INSERT INTO measurement VALUES(2,'logits','bias_sq',-0.0053743967722825356989,0.0063457779672987223856,-0.020379777248980254777,0.10742673983826232786,64,0,1);
INSERT INTO measurement VALUES(2,'logits','cos_draw',0.3064586939473361582,0.15102571497860325933,-0.050660374305208699663,0.66357776219988107158,8,NULL,5);
INSERT INTO measurement VALUES(2,'logits','cos_mean',1.0,0.013111245615110740658,0.9379936612998391876,1.0,64,NULL,6);
INSERT INTO measurement VALUES(2,'logits','estimate_norm',0.43586713426244783065,0.062663134480218415922,0.31154514871439820122,0.60789468365988708065,64,NULL,9);
INSERT INTO measurement VALUES(2,'logits','gradient_calls',0.0,0.0,0.0,0.0,NULL,NULL,13);
INSERT INTO measurement VALUES(2,'logits','mse',0.40620794449755875943,0.049277630354682369628,0.28968486469985210707,0.52273102429526541179,64,NULL,4);
INSERT INTO measurement VALUES(2,'logits','mse_cost',0.81241588899511751886,0.098555260709364739257,0.57936972939970421414,1.0454620485905308235,64,NULL,14);
INSERT INTO measurement VALUES(2,'logits','reinmax_bias_mean',0.07334450633193106972,0.15904847452260961748,0.0,0.75217976006999953675,64,NULL,10);
INSERT INTO measurement VALUES(2,'logits','reinmax_bias_target',0.077925961725228976018,0.16614818208997497728,0.0,0.78575604145601740668,64,NULL,10);
INSERT INTO measurement VALUES(2,'logits','reinmax_cos',0.99897850978452595871,0.013111245615110740658,0.9379936612998391876,1.0,64,NULL,11);
INSERT INTO measurement VALUES(2,'logits','reinmax_std_mean',1.4475891403487985975,0.13766919016899706318,1.1598249417281485396,1.8108967532696471636,64,NULL,11);
INSERT INTO measurement VALUES(2,'logits','rel_bias',0.0,0.16614818208997497728,0.0,0.78575604145601740668,64,0,2);
INSERT INTO measurement VALUES(2,'logits','rmse_1',1.527938018757032168,0.093667451655905911711,1.2903111000058060664,1.7332877555467056662,64,NULL,5);
INSERT INTO measurement VALUES(2,'logits','rmse_10',0.453497593121196918,0.1208131704014887009,0.32116337226691038519,0.89251887755325376438,64,NULL,2);
INSERT INTO measurement VALUES(2,'logits','rmse_100',0.0,0.16845195075184590804,0.0,0.79665113595185632622,64,NULL,2);
INSERT INTO measurement VALUES(2,'logits','rmse_1000',0.0,0.16637916335568520009,0.0,0.78684840926114130166,64,NULL,2);
INSERT INTO measurement VALUES(2,'logits','scale',0.97207420516554510214,0.16595429283886570237,0.71611722702854718747,1.5009563180339722254,64,NULL,6);
INSERT INTO measurement VALUES(2,'logits','scale_free_bias',0.0,0.073299681098464491979,0.0,0.34665240711889266922,64,0,6);
INSERT INTO measurement VALUES(2,'logits','snr',0.46158481470322382245,0.092709973638886902791,0.30493875288200555928,0.74338725694408491762,64,NULL,6);
INSERT INTO measurement VALUES(2,'logits','target_error_ratio',0.0,0.0,0.0,0.0,NULL,NULL,12);
INSERT INTO measurement VALUES(2,'logits','target_error_sq',0.0,0.0,0.0,0.0,NULL,NULL,8);
INSERT INTO measurement VALUES(2,'logits','target_norm',0.41712716057246268519,0.0,0.41712716057246268519,0.41712716057246268519,NULL,NULL,7);
INSERT INTO measurement VALUES(2,'logits','value_calls',2.0,0.0,2.0,2.0,NULL,NULL,13);
INSERT INTO measurement VALUES(2,'logits','variance',0.41158234126984127865,0.045156750029063774665,0.31753066241983163298,0.53349185982293367835,64,NULL,3);
INSERT INTO measurement VALUES(2,'logits','variance_mean',0.10289558531746031966,0.011289187507265943666,0.079382665604957908245,0.13337296495573341958,64,NULL,3);
CREATE INDEX run_by_study ON run(study_id);
CREATE INDEX cell_by_short_hash ON cell(substr(hash, 1, 12));
CREATE UNIQUE INDEX study_cell_by_position ON study_cell(study_id, position);
CREATE INDEX study_cell_by_cell ON study_cell(cell_id);
CREATE INDEX result_by_run ON result(run_id, state);
CREATE INDEX study_training_by_training ON study_training(training_id);
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
  c.resolved_json AS resolved_json
FROM study s
JOIN study_cell sc ON sc.study_id = s.id
JOIN cell c ON c.id = sc.cell_id
LEFT JOIN result r ON r.cell_id = c.id;
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
CREATE VIEW v_coverage AS
SELECT problem, estimator, metric, ci_method, ci_level, n, repeats, coverage, constant, flagged,
  measured_at, version
FROM coverage;
CREATE UNIQUE INDEX form_by_content ON form(
  value_kind, unit, ci_method, moments, debiased, coalesce(ci_level, 'none'));
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
  coalesce(r.state, 'pending') AS cell_state
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
  coalesce(r.state, 'pending') AS cell_state
FROM study s
JOIN study_cell sc ON sc.study_id = s.id
JOIN cell c ON c.id = sc.cell_id
LEFT JOIN result r ON r.cell_id = c.id
LEFT JOIN cell_scope k ON k.cell_id = c.id;
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
    AND x.scope = 'logits' AND x.metric = 'value_calls'
  JOIN measurement y ON y.cell_id = p.cell_id
    AND y.scope = 'logits' AND y.metric = 'gradient_calls'
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
COMMIT;

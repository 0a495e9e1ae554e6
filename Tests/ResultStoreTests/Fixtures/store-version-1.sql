PRAGMA application_id = 1195796836;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1-tables-and-views');
CREATE TABLE study (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  file TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  resolved_json TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
INSERT INTO study VALUES(1,'version-one','version-one.yaml','1f6c85c849bb97cded6487170e25d3c85962b0b8f65b1036fecbd38cbb392038','{"cells":["b19b86744548e18cfcc72e57f58c6b4996220c11c46d992bcd9a5bb9c0833b1b","32b3b10304776cd764ce8d2353f946ac48f49c4a975cdfd68025824d80487e93"],"format":1,"name":"version-one","seed":7,"title":""}','2026-11-21T13:28:58.197Z');
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
INSERT INTO run VALUES(1,1,'1f6c85c849bb97cded6487170e25d3c85962b0b8f65b1036fecbd38cbb392038','0.1.0','c0ffee','machine','cpu','blas','Swift','7',2,'2026-11-21T13:28:58.197Z','2026-11-21T13:28:58.204Z',0,'gradfid run version-one.yaml');
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
INSERT INTO cell VALUES(1,'b19b86744548e18cfcc72e57f58c6b4996220c11c46d992bcd9a5bb9c0833b1b','three-bernoullis','{"inputs":{},"kind":"three-bernoullis","parameters":{"eta":0}}','initial','st','st(tau=0.5)','{"kind":"st","parameters":{"tau":0.5}}',1.0,0.5,NULL,NULL,'closed-form','own','7','{"estimator":{"kind":"st","parameters":{"tau":0.5}},"format":1,"measure":{"at":["all","layers","logits"],"blocks":32,"draws":1024,"gap":true,"level":0.95,"moments":"auto","per-draw-samples":128},"problem":{"inputs":{},"kind":"three-bernoullis","parameters":{"eta":0}},"seed":7,"state":"initial","target":{"draws":"auto","error-fraction":0.1,"kind":"auto","law":"own","max-draws":1048576,"max-states":16384,"samples":4}}');
INSERT INTO cell VALUES(2,'32b3b10304776cd764ce8d2353f946ac48f49c4a975cdfd68025824d80487e93','three-bernoullis','{"inputs":{},"kind":"three-bernoullis","parameters":{"eta":0}}','initial','st','st(tau=1.0)','{"kind":"st","parameters":{"tau":1}}',1.0,1.0,NULL,NULL,'closed-form','own','7','{"estimator":{"kind":"st","parameters":{"tau":1}},"format":1,"measure":{"at":["all","layers","logits"],"blocks":32,"draws":1024,"gap":true,"level":0.95,"moments":"auto","per-draw-samples":128},"problem":{"inputs":{},"kind":"three-bernoullis","parameters":{"eta":0}},"seed":7,"state":"initial","target":{"draws":"auto","error-fraction":0.1,"kind":"auto","law":"own","max-draws":1048576,"max-states":16384,"samples":4}}');
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
INSERT INTO result VALUES(1,1,'done',NULL,'exact',0.0026794075965881347656,'2026-11-21T13:28:58.200Z');
INSERT INTO result VALUES(2,1,'done',NULL,'exact',0.0021854043006896972656,'2026-11-21T13:28:58.203Z');
CREATE TABLE cell_scope (
  cell_id INTEGER NOT NULL REFERENCES result(cell_id) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  PRIMARY KEY (cell_id, scope)
) STRICT, WITHOUT ROWID;
INSERT INTO cell_scope VALUES(1,'all');
INSERT INTO cell_scope VALUES(1,'eta');
INSERT INTO cell_scope VALUES(1,'logits');
INSERT INTO cell_scope VALUES(2,'all');
INSERT INTO cell_scope VALUES(2,'eta');
INSERT INTO cell_scope VALUES(2,'logits');
CREATE TABLE measurement (
  cell_id INTEGER NOT NULL REFERENCES result(cell_id) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  metric TEXT NOT NULL,
  value ANY CHECK (typeof(value) IN ('real', 'null')),
  value_kind TEXT NOT NULL
    CHECK (value_kind IN ('finite', 'nan', 'pos_inf', 'neg_inf', 'missing'))
    CHECK ((value_kind = 'finite') = (value IS NOT NULL)),
  se ANY CHECK (typeof(se) IN ('real', 'null')),
  ci_low ANY CHECK (typeof(ci_low) IN ('real', 'null')),
  ci_high ANY CHECK (typeof(ci_high) IN ('real', 'null')),
  ci_level REAL,
  ci_method TEXT NOT NULL,
  unit TEXT NOT NULL,
  moments TEXT NOT NULL,
  n INTEGER,
  debiased INTEGER NOT NULL CHECK (debiased IN (0, 1)),
  resolved INTEGER CHECK (resolved IN (0, 1)),
  PRIMARY KEY (cell_id, scope, metric)
) STRICT, WITHOUT ROWID;
INSERT INTO measurement VALUES(1,'all','bias_sq',0.0020250000000000024924,'finite',0.0,0.0020250000000000024924,0.0020250000000000024924,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,1);
INSERT INTO measurement VALUES(1,'all','cos_draw',-0.062499999999999986122,'finite',0.088562169542168223124,-0.23774855112570797421,0.11274855112570801585,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(1,'all','cos_mean',1.0,'finite',0.0,1.0,1.0,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','estimate_norm',0.090000000000000010547,'finite',0.0,0.090000000000000010547,0.090000000000000010547,0.94999999999999995559,'exact','gradient','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','gap_layer',0.7109375,'finite',0.036201847855320365421,0.63930057627155167931,0.78257442372844832068,0.94999999999999995559,'student-t','gradient','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(1,'all','gap_layer_rel',7.8993055555555447,'finite',0.40224275394800440563,7.1033397363505628163,8.6952713747605265837,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(1,'all','mse',0.75202500000000005453,'finite',0.0,0.75202500000000005453,0.75202500000000005453,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','mse_cost',2.2560750000000000525,'finite',0.0,2.2560750000000000525,2.2560750000000000525,0.94999999999999995559,'exact','gradient^2 x calls','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','reinmax_bias_mean',0.50000000000000022204,'finite',0.0,0.50000000000000022204,0.50000000000000022204,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(1,'all','reinmax_bias_target',1.0000000000000008881,'finite',0.0,1.0000000000000008881,1.0000000000000008881,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(1,'all','reinmax_cos',1.0,'finite',0.0,1.0,1.0,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(1,'all','reinmax_std_mean',9.6225044864937618882,'finite',0.0,9.6225044864937618882,9.6225044864937618882,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(1,'all','rel_bias',1.0000000000000008881,'finite',0.0,1.0000000000000008881,1.0000000000000008881,0.94999999999999995559,'exact','1','exact',NULL,1,1);
INSERT INTO measurement VALUES(1,'all','rmse_1',19.27097222172173474,'finite',0.0,19.27097222172173474,19.27097222172173474,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','rmse_10',6.1674173717235207803,'finite',0.0,6.1674173717235207803,6.1674173717235207803,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','rmse_100',2.1688023662159046089,'finite',0.0,2.1688023662159046089,2.1688023662159046089,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','rmse_1000',1.1706281947614163296,'finite',0.0,1.1706281947614163296,1.1706281947614163296,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','scale',0.49999999999999977795,'finite',0.0,0.49999999999999977795,0.49999999999999977795,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','scale_free_bias',1.4634322399615988762e-08,'finite',0.0,1.4634322399615988762e-08,1.4634322399615988762e-08,0.94999999999999995559,'exact','1','exact',NULL,1,1);
INSERT INTO measurement VALUES(1,'all','snr',0.010800000000000002306,'finite',0.0,0.010800000000000002306,0.010800000000000002306,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','target_error_ratio',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','target_error_sq',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','target_norm',0.044999999999999984456,'finite',0.0,0.044999999999999984456,0.044999999999999984456,0.94999999999999995559,'exact','gradient','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','variance',0.75,'finite',0.0,0.75,0.75,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'all','variance_mean',0.75,'finite',0.0,0.75,0.75,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','bias_sq',0.0020250000000000024924,'finite',0.0,0.0020250000000000024924,0.0020250000000000024924,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,1);
INSERT INTO measurement VALUES(1,'eta','cos_draw',-0.062499999999999986122,'finite',0.088562169542168223124,-0.23774855112570797421,0.11274855112570801585,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(1,'eta','cos_mean',1.0,'finite',0.0,1.0,1.0,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','estimate_norm',0.090000000000000010547,'finite',0.0,0.090000000000000010547,0.090000000000000010547,0.94999999999999995559,'exact','gradient','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','gap_layer',0.7109375,'finite',0.036201847855320365421,0.63930057627155167931,0.78257442372844832068,0.94999999999999995559,'student-t','gradient','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(1,'eta','gap_layer_rel',7.8993055555555447,'finite',0.40224275394800440563,7.1033397363505628163,8.6952713747605265837,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(1,'eta','mse',0.75202500000000005453,'finite',0.0,0.75202500000000005453,0.75202500000000005453,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','mse_cost',2.2560750000000000525,'finite',0.0,2.2560750000000000525,2.2560750000000000525,0.94999999999999995559,'exact','gradient^2 x calls','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','reinmax_bias_mean',0.50000000000000022204,'finite',0.0,0.50000000000000022204,0.50000000000000022204,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(1,'eta','reinmax_bias_target',1.0000000000000008881,'finite',0.0,1.0000000000000008881,1.0000000000000008881,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(1,'eta','reinmax_cos',1.0,'finite',0.0,1.0,1.0,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(1,'eta','reinmax_std_mean',9.6225044864937618882,'finite',0.0,9.6225044864937618882,9.6225044864937618882,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(1,'eta','rel_bias',1.0000000000000008881,'finite',0.0,1.0000000000000008881,1.0000000000000008881,0.94999999999999995559,'exact','1','exact',NULL,1,1);
INSERT INTO measurement VALUES(1,'eta','rmse_1',19.27097222172173474,'finite',0.0,19.27097222172173474,19.27097222172173474,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','rmse_10',6.1674173717235207803,'finite',0.0,6.1674173717235207803,6.1674173717235207803,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','rmse_100',2.1688023662159046089,'finite',0.0,2.1688023662159046089,2.1688023662159046089,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','rmse_1000',1.1706281947614163296,'finite',0.0,1.1706281947614163296,1.1706281947614163296,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','scale',0.49999999999999977795,'finite',0.0,0.49999999999999977795,0.49999999999999977795,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','scale_free_bias',1.4634322399615988762e-08,'finite',0.0,1.4634322399615988762e-08,1.4634322399615988762e-08,0.94999999999999995559,'exact','1','exact',NULL,1,1);
INSERT INTO measurement VALUES(1,'eta','snr',0.010800000000000002306,'finite',0.0,0.010800000000000002306,0.010800000000000002306,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','target_error_ratio',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','target_error_sq',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','target_norm',0.044999999999999984456,'finite',0.0,0.044999999999999984456,0.044999999999999984456,0.94999999999999995559,'exact','gradient','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','variance',0.75,'finite',0.0,0.75,0.75,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'eta','variance_mean',0.75,'finite',0.0,0.75,0.75,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','bias_sq',0.0052500000000000063976,'finite',0.0,0.0052500000000000063976,0.0052500000000000063976,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,1);
INSERT INTO measurement VALUES(1,'logits','cos_draw',0.10844816303990137407,'finite',0.050699839280462774548,0.0081223306654268773163,0.20877399541437585694,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(1,'logits','cos_mean',1.000000000000000222,'finite',0.0,1.000000000000000222,1.000000000000000222,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','estimate_norm',0.14491376746189441049,'finite',0.0,0.14491376746189441049,0.14491376746189441049,0.94999999999999995559,'exact','gradient','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','gap_latent',1.7320508075688743065,'finite',2.5614254322924253784e-16,1.7320508075688738625,1.7320508075688747506,0.94999999999999995559,'student-t','cost','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(1,'logits','gap_latent_rel',8.4515425472851646304,'finite',3.1525236089752926979e-16,8.4515425472851646304,8.4515425472851646304,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(1,'logits','gap_logits',1.2247448713915880524,'finite',7.8813090224382317443e-17,1.2247448713915878304,1.2247448713915882745,0.94999999999999995559,'student-t','gradient','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(1,'logits','gap_logits_rel',8.4515425472851646304,'finite',3.1525236089752926979e-16,8.4515425472851646304,8.4515425472851646304,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(1,'logits','gradient_calls',1.0,'finite',0.0,1.0,1.0,0.94999999999999995559,'exact','calls','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','mse',1.5052499999999999769,'finite',0.0,1.5052499999999999769,1.5052499999999999769,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','mse_cost',4.5157499999999997086,'finite',0.0,4.5157499999999997086,4.5157499999999997086,0.94999999999999995559,'exact','gradient^2 x calls','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','reinmax_bias_mean',0.50000000000000022204,'finite',0.0,0.50000000000000022204,0.50000000000000022204,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(1,'logits','reinmax_bias_target',1.0000000000000006661,'finite',0.0,1.0000000000000006661,1.0000000000000006661,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(1,'logits','reinmax_cos',1.0,'finite',0.0,1.0,1.0,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(1,'logits','reinmax_std_mean',8.4515425472851646304,'finite',0.0,8.4515425472851646304,8.4515425472851646304,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(1,'logits','rel_bias',1.0000000000000006661,'finite',0.0,1.0000000000000006661,1.0000000000000006661,0.94999999999999995559,'exact','1','exact',NULL,1,1);
INSERT INTO measurement VALUES(1,'logits','rmse_1',16.932639655832925739,'finite',0.0,16.932639655832925739,16.932639655832925739,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','rmse_10',5.4379618030497951508,'finite',0.0,5.4379618030497951508,5.4379618030497951508,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','rmse_100',1.9639610121239319262,'finite',0.0,1.9639610121239319262,1.9639610121239319262,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','rmse_1000',1.1338934190276823699,'finite',0.0,1.1338934190276823699,1.1338934190276823699,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','scale',0.49999999999999983346,'finite',0.0,0.49999999999999983346,0.49999999999999983346,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','scale_free_bias',1.2853472667603834757e-08,'finite',0.0,1.2853472667603834757e-08,1.2853472667603834757e-08,0.94999999999999995559,'exact','1','exact',NULL,1,1);
INSERT INTO measurement VALUES(1,'logits','snr',0.014000000000000005495,'finite',0.0,0.014000000000000005495,0.014000000000000005495,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','target_error_ratio',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','target_error_sq',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','target_norm',0.072456883730947177491,'finite',0.0,0.072456883730947177491,0.072456883730947177491,0.94999999999999995559,'exact','gradient','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','value_calls',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','calls','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','variance',1.5,'finite',0.0,1.5,1.5,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(1,'logits','variance_mean',0.25,'finite',0.0,0.25,0.25,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','bias_sq',4.3333423748712806694e-34,'finite',0.0,4.3333423748712806694e-34,4.3333423748712806694e-34,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,0);
INSERT INTO measurement VALUES(2,'all','cos_draw',-0.062499999999999986122,'finite',0.088562169542168223124,-0.23774855112570797421,0.11274855112570801585,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(2,'all','cos_mean',1.0,'finite',0.0,1.0,1.0,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','estimate_norm',0.045000000000000005273,'finite',0.0,0.045000000000000005273,0.045000000000000005273,0.94999999999999995559,'exact','gradient','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','gap_layer',0.35546875,'finite',0.01810092392766018271,0.31965028813577583965,0.39128721186422416034,0.94999999999999995559,'student-t','gradient','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(2,'all','gap_layer_rel',7.8993055555555447,'finite',0.40224275394800440563,7.1033397363505628163,8.6952713747605265837,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(2,'all','mse',0.1875,'finite',0.0,0.1875,0.1875,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','mse_cost',0.5625,'finite',0.0,0.5625,0.5625,0.94999999999999995559,'exact','gradient^2 x calls','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','reinmax_bias_mean',4.6259292692714849282e-16,'finite',0.0,4.6259292692714849282e-16,4.6259292692714849282e-16,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(2,'all','reinmax_bias_target',4.6259292692714878859e-16,'finite',0.0,4.6259292692714878859e-16,4.6259292692714878859e-16,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(2,'all','reinmax_cos',1.0,'finite',0.0,1.0,1.0,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(2,'all','reinmax_std_mean',9.6225044864937618882,'finite',0.0,9.6225044864937618882,9.6225044864937618882,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(2,'all','rel_bias',4.6259292692714878859e-16,'finite',0.0,4.6259292692714878859e-16,4.6259292692714878859e-16,0.94999999999999995559,'exact','1','exact',NULL,1,0);
INSERT INTO measurement VALUES(2,'all','rmse_1',9.6225044864937654409,'finite',0.0,9.6225044864937654409,9.6225044864937654409,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','rmse_10',3.0429030972509236718,'finite',0.0,3.0429030972509236718,3.0429030972509236718,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','rmse_100',0.9622504486493765885,'finite',0.0,0.9622504486493765885,0.9622504486493765885,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','rmse_1000',0.30429030972509241159,'finite',0.0,0.30429030972509241159,0.30429030972509241159,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','scale',0.99999999999999955591,'finite',0.0,0.99999999999999955591,0.99999999999999955591,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','scale_free_bias',1.7472373046307656271e-16,'finite',0.0,1.7472373046307656271e-16,1.7472373046307656271e-16,0.94999999999999995559,'exact','1','exact',NULL,1,0);
INSERT INTO measurement VALUES(2,'all','snr',0.010800000000000002306,'finite',0.0,0.010800000000000002306,0.010800000000000002306,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','target_error_ratio',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','target_error_sq',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','target_norm',0.044999999999999984456,'finite',0.0,0.044999999999999984456,0.044999999999999984456,0.94999999999999995559,'exact','gradient','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','variance',0.1875,'finite',0.0,0.1875,0.1875,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'all','variance_mean',0.1875,'finite',0.0,0.1875,0.1875,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','bias_sq',4.3333423748712806694e-34,'finite',0.0,4.3333423748712806694e-34,4.3333423748712806694e-34,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,0);
INSERT INTO measurement VALUES(2,'eta','cos_draw',-0.062499999999999986122,'finite',0.088562169542168223124,-0.23774855112570797421,0.11274855112570801585,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(2,'eta','cos_mean',1.0,'finite',0.0,1.0,1.0,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','estimate_norm',0.045000000000000005273,'finite',0.0,0.045000000000000005273,0.045000000000000005273,0.94999999999999995559,'exact','gradient','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','gap_layer',0.35546875,'finite',0.01810092392766018271,0.31965028813577583965,0.39128721186422416034,0.94999999999999995559,'student-t','gradient','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(2,'eta','gap_layer_rel',7.8993055555555447,'finite',0.40224275394800440563,7.1033397363505628163,8.6952713747605265837,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(2,'eta','mse',0.1875,'finite',0.0,0.1875,0.1875,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','mse_cost',0.5625,'finite',0.0,0.5625,0.5625,0.94999999999999995559,'exact','gradient^2 x calls','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','reinmax_bias_mean',4.6259292692714849282e-16,'finite',0.0,4.6259292692714849282e-16,4.6259292692714849282e-16,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(2,'eta','reinmax_bias_target',4.6259292692714878859e-16,'finite',0.0,4.6259292692714878859e-16,4.6259292692714878859e-16,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(2,'eta','reinmax_cos',1.0,'finite',0.0,1.0,1.0,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(2,'eta','reinmax_std_mean',9.6225044864937618882,'finite',0.0,9.6225044864937618882,9.6225044864937618882,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(2,'eta','rel_bias',4.6259292692714878859e-16,'finite',0.0,4.6259292692714878859e-16,4.6259292692714878859e-16,0.94999999999999995559,'exact','1','exact',NULL,1,0);
INSERT INTO measurement VALUES(2,'eta','rmse_1',9.6225044864937654409,'finite',0.0,9.6225044864937654409,9.6225044864937654409,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','rmse_10',3.0429030972509236718,'finite',0.0,3.0429030972509236718,3.0429030972509236718,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','rmse_100',0.9622504486493765885,'finite',0.0,0.9622504486493765885,0.9622504486493765885,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','rmse_1000',0.30429030972509241159,'finite',0.0,0.30429030972509241159,0.30429030972509241159,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','scale',0.99999999999999955591,'finite',0.0,0.99999999999999955591,0.99999999999999955591,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','scale_free_bias',1.7472373046307656271e-16,'finite',0.0,1.7472373046307656271e-16,1.7472373046307656271e-16,0.94999999999999995559,'exact','1','exact',NULL,1,0);
INSERT INTO measurement VALUES(2,'eta','snr',0.010800000000000002306,'finite',0.0,0.010800000000000002306,0.010800000000000002306,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','target_error_ratio',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','target_error_sq',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','target_norm',0.044999999999999984456,'finite',0.0,0.044999999999999984456,0.044999999999999984456,0.94999999999999995559,'exact','gradient','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','variance',0.1875,'finite',0.0,0.1875,0.1875,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'eta','variance_mean',0.1875,'finite',0.0,0.1875,0.1875,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','bias_sq',8.6666847497425613389e-34,'finite',0.0,8.6666847497425613389e-34,8.6666847497425613389e-34,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,0);
INSERT INTO measurement VALUES(2,'logits','cos_draw',0.10844816303990137407,'finite',0.050699839280462774548,0.0081223306654268773163,0.20877399541437585694,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(2,'logits','cos_mean',1.000000000000000222,'finite',0.0,1.000000000000000222,1.000000000000000222,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','estimate_norm',0.072456883730947205246,'finite',0.0,0.072456883730947205246,0.072456883730947205246,0.94999999999999995559,'exact','gradient','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','gap_latent',1.7320508075688743065,'finite',2.5614254322924253784e-16,1.7320508075688738625,1.7320508075688747506,0.94999999999999995559,'student-t','cost','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(2,'logits','gap_latent_rel',8.4515425472851646304,'finite',3.1525236089752926979e-16,8.4515425472851646304,8.4515425472851646304,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(2,'logits','gap_logits',0.61237243569579402624,'finite',3.9406545112191158721e-17,0.61237243569579391522,0.61237243569579413726,0.94999999999999995559,'student-t','gradient','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(2,'logits','gap_logits_rel',8.4515425472851646304,'finite',3.1525236089752926979e-16,8.4515425472851646304,8.4515425472851646304,0.94999999999999995559,'student-t','1','monte-carlo',128,1,NULL);
INSERT INTO measurement VALUES(2,'logits','gradient_calls',1.0,'finite',0.0,1.0,1.0,0.94999999999999995559,'exact','calls','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','mse',0.375,'finite',0.0,0.375,0.375,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','mse_cost',1.125,'finite',0.0,1.125,1.125,0.94999999999999995559,'exact','gradient^2 x calls','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','reinmax_bias_mean',4.0630002402031168032e-16,'finite',0.0,4.0630002402031168032e-16,4.0630002402031168032e-16,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(2,'logits','reinmax_bias_target',4.0630002402031187747e-16,'finite',0.0,4.0630002402031187747e-16,4.0630002402031187747e-16,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(2,'logits','reinmax_cos',1.0,'finite',0.0,1.0,1.0,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(2,'logits','reinmax_std_mean',8.4515425472851646304,'finite',0.0,8.4515425472851646304,8.4515425472851646304,0.94999999999999995559,'exact','1','exact',NULL,0,NULL);
INSERT INTO measurement VALUES(2,'logits','rel_bias',4.0630002402031187747e-16,'finite',0.0,4.0630002402031187747e-16,4.0630002402031187747e-16,0.94999999999999995559,'exact','1','exact',NULL,1,0);
INSERT INTO measurement VALUES(2,'logits','rmse_1',8.4515425472851681831,'finite',0.0,8.4515425472851681831,8.4515425472851681831,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','rmse_10',2.6726124191242446315,'finite',0.0,2.6726124191242446315,2.6726124191242446315,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','rmse_100',0.84515425472851668509,'finite',0.0,0.84515425472851668509,0.84515425472851668509,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','rmse_1000',0.26726124191242445204,'finite',0.0,0.26726124191242445204,0.26726124191242445204,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','scale',0.99999999999999966693,'finite',0.0,0.99999999999999966693,0.99999999999999966693,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','scale_free_bias',2.3643182411878803097e-16,'finite',0.0,2.3643182411878803097e-16,2.3643182411878803097e-16,0.94999999999999995559,'exact','1','exact',NULL,1,0);
INSERT INTO measurement VALUES(2,'logits','snr',0.014000000000000005495,'finite',0.0,0.014000000000000005495,0.014000000000000005495,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','target_error_ratio',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','1','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','target_error_sq',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','target_norm',0.072456883730947177491,'finite',0.0,0.072456883730947177491,0.072456883730947177491,0.94999999999999995559,'exact','gradient','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','value_calls',0.0,'finite',0.0,0.0,0.0,0.94999999999999995559,'exact','calls','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','variance',0.375,'finite',0.0,0.375,0.375,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
INSERT INTO measurement VALUES(2,'logits','variance_mean',0.0625,'finite',0.0,0.0625,0.0625,0.94999999999999995559,'exact','gradient^2','exact',NULL,1,NULL);
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
CREATE INDEX run_by_study ON run(study_id);
CREATE INDEX cell_by_short_hash ON cell(substr(hash, 1, 12));
CREATE UNIQUE INDEX study_cell_by_position ON study_cell(study_id, position);
CREATE INDEX study_cell_by_cell ON study_cell(cell_id);
CREATE INDEX result_by_run ON result(run_id, state);
CREATE INDEX study_training_by_training ON study_training(training_id);
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
  m.unit AS unit,
  m.value AS value,
  coalesce(m.value_kind, 'missing') AS value_kind,
  m.se AS se,
  m.ci_low AS ci_low,
  m.ci_high AS ci_high,
  m.ci_level AS ci_level,
  m.ci_method AS ci_method,
  coalesce(m.moments, r.moments) AS moments,
  m.n AS n,
  m.debiased AS debiased,
  m.resolved AS resolved,
  coalesce(r.state, 'pending') AS cell_state
FROM study s
JOIN study_cell sc ON sc.study_id = s.id
JOIN cell c ON c.id = sc.cell_id
LEFT JOIN result r ON r.cell_id = c.id
LEFT JOIN measurement m ON m.cell_id = c.id;
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
JOIN grid g;
CREATE VIEW v_budget AS
WITH budgets(budget) AS (VALUES (1), (3), (10), (30), (100), (300), (1000), (3000), (10000), (30000), (100000), (300000), (1000000)),
priced AS (
  SELECT k.cell_id AS cell_id, k.scope AS scope,
    (SELECT x.value FROM measurement x WHERE x.cell_id = k.cell_id AND x.scope = 'logits'
      AND x.metric = 'value_calls')
    + 3 * (SELECT x.value FROM measurement x WHERE x.cell_id = k.cell_id
      AND x.scope = 'logits' AND x.metric = 'gradient_calls') AS cost
  FROM cell_scope k
),
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
    p.cost AS cost,
    CAST(g.budget / p.cost AS INTEGER) AS m,
    t.value AS target_norm,
  sqrt(max(b.value, 0) + max(v.value, 0) / CAST(g.budget / p.cost AS INTEGER)) / t.value AS rmse,
  sqrt(max(b.ci_low, 0) + max(v.ci_low, 0) / CAST(g.budget / p.cost AS INTEGER)) / t.ci_high AS rmse_low,
  CASE WHEN t.ci_low > 0 THEN
    sqrt(max(b.ci_high, 0) + max(v.ci_high, 0) / CAST(g.budget / p.cost AS INTEGER)) / t.ci_low END AS rmse_high
  FROM study s
  JOIN study_cell sc ON sc.study_id = s.id
  JOIN cell c ON c.id = sc.cell_id
  JOIN priced p ON p.cell_id = c.id
JOIN measurement b ON b.cell_id = p.cell_id
  AND b.scope = p.scope AND b.metric = 'bias_sq'
JOIN measurement v ON v.cell_id = p.cell_id
  AND v.scope = p.scope AND v.metric = 'variance'
JOIN measurement t ON t.cell_id = p.cell_id
  AND t.scope = p.scope AND t.metric = 'target_norm'
  JOIN budgets g ON g.budget >= p.cost
  WHERE p.cost > 0 AND b.value IS NOT NULL AND v.value IS NOT NULL AND t.value > 0
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
COMMIT;

-- The table of Sources/Estimators/ZOO.md: the trained autoencoder in full, and the ranks on the toys.
--   gradfid query - --store zoo.sqlite --format markdown < studies/zoo-page.sql
--
-- Columns are those of zoo.sql. A bias that cannot be told from zero is empty and counts as zero.
WITH zoo AS (
  SELECT model, label, moments, seconds, rmse_1, rmse_10, rmse_100, rmse_1000, rel_bias,
    bias_resolved AS resolved, variance, target_norm,
    max(value_calls + 3 * gradient_calls, 1) AS calls,
    CASE WHEN bias_resolved = 1 THEN max(bias_sq, 0) ELSE 0 END AS bias_part
  FROM v_fidelity
  WHERE study = 'zoo' AND scope = 'logits' AND cell_state = 'done'
    AND (state <> 'initial' OR model NOT LIKE 'categorical-vae%')
), budget AS (
  SELECT *,
    CASE WHEN calls <= 1000 THEN sqrt(bias_part + max(variance, 0) * calls / 1000.0) / target_norm END
      AS rmse_1000_calls
  FROM zoo
), ranked AS (
  SELECT *,
    CASE WHEN rmse_1000_calls IS NOT NULL
      THEN rank() OVER (PARTITION BY model ORDER BY rmse_1000_calls IS NULL, rmse_1000_calls) END AS place
  FROM budget
), page AS (
  SELECT label, max(calls) AS calls,
    max(CASE WHEN model LIKE 'bernoulli-toy%' THEN place END) AS bernoulli,
    max(CASE WHEN model LIKE 'carms-linear%' THEN place END) AS carms,
    max(CASE WHEN model LIKE 'quadratic-cubic%' THEN place END) AS quadratic,
    max(CASE WHEN model LIKE 'test-problem latents=2%' THEN place END) AS two_by_three,
    max(CASE WHEN model LIKE 'test-problem latents=3%' THEN place END) AS three_by_two,
    max(CASE WHEN model LIKE 'three-bernoullis%' THEN place END) AS three
  FROM ranked
  GROUP BY label
)
SELECT '`' || page.label || '`' AS estimator, coalesce(vae.calls, page.calls) AS calls, vae.moments,
  CASE WHEN vae.resolved = 1 THEN printf('%.3g', vae.rel_bias) END AS "rel. bias",
  CASE WHEN vae.variance IS NOT NULL THEN printf('%.3g', vae.variance) END AS variance,
  CASE WHEN vae.rmse_1 IS NOT NULL THEN printf('%.3g', vae.rmse_1) END AS "RMSE at M = 1",
  CASE WHEN vae.rmse_10 IS NOT NULL THEN printf('%.3g', vae.rmse_10) END AS "10",
  CASE WHEN vae.rmse_100 IS NOT NULL THEN printf('%.3g', vae.rmse_100) END AS "100",
  CASE WHEN vae.rmse_1000 IS NOT NULL THEN printf('%.3g', vae.rmse_1000) END AS "1000",
  CASE WHEN vae.rmse_1000_calls IS NOT NULL THEN printf('%.3g', vae.rmse_1000_calls) END AS "RMSE at 1,000 calls",
  vae.place AS rank, CASE WHEN vae.seconds IS NOT NULL THEN printf('%.2g', vae.seconds) END AS seconds,
  bernoulli AS "rank: Bernoulli", carms AS "rank: CARMS", quadratic AS "rank: quadratic",
  two_by_three AS "rank: test 2x3", three_by_two AS "rank: test 3x2", three AS "rank: 3 Bernoullis"
FROM page
LEFT JOIN ranked vae ON vae.label = page.label AND vae.model LIKE 'categorical-vae%'
ORDER BY vae.place IS NULL, vae.place, page.label

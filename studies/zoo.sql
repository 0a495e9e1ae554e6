-- The zoo ranked at equal oracle budgets, one row per problem and estimator:
--   gradfid query - --store zoo.sqlite < studies/zoo.sql
--
-- rmse_B: error of the mean of as many estimates as B oracle calls pay for (a gradient counts as 3
-- values), over the norm of the target. rmse_1 ... rmse_1000: error of a mean of M estimates,
-- whatever they cost. Empty: one estimate costs more than the budget. resolved = 0: the bias cannot be told from zero, and counts as zero.
-- rank: by the error at 1,000 calls, on each problem.
WITH zoo AS (
  SELECT model, state, label, moments, seconds, rmse_1, rmse_10, rmse_100, rmse_1000,
    rel_bias, bias_resolved AS resolved, variance, target_norm,
    max(value_calls + 3 * gradient_calls, 1) AS calls,
    CASE WHEN bias_resolved = 1 THEN max(bias_sq, 0) ELSE 0 END AS bias_part
  FROM v_fidelity
  WHERE study = 'zoo' AND scope = 'logits' AND cell_state = 'done'
), budget AS (
  SELECT *,
    CASE WHEN calls <= 100 THEN sqrt(bias_part + max(variance, 0) * calls / 100.0) / target_norm END
      AS rmse_100_calls,
    CASE WHEN calls <= 1000 THEN sqrt(bias_part + max(variance, 0) * calls / 1000.0) / target_norm END
      AS rmse_1000_calls,
    CASE WHEN calls <= 10000 THEN sqrt(bias_part + max(variance, 0) * calls / 10000.0) / target_norm END
      AS rmse_10000_calls
  FROM zoo
)
SELECT model, state,
  rank() OVER (PARTITION BY model, state ORDER BY rmse_1000_calls IS NULL, rmse_1000_calls) AS rank,
  label, calls, moments, rel_bias, resolved, variance,
  rmse_1, rmse_10, rmse_100, rmse_1000,
  rmse_100_calls, rmse_1000_calls, rmse_10000_calls, seconds
FROM budget
ORDER BY model, state, rank, label

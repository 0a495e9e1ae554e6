import Studies
import Testing

/// States of problems with weights.
@Suite struct BrokenStatesTests {
  @Test(arguments: cases)
  func rendersExactly(file: BrokenFile) {
    file.check()
  }

  static let cases: [BrokenFile] = [
    BrokenFile(
      "states of a problem without weights", in: .problems,
      #"""
        - kind: bernoulli-toy
          states: [initial]
      """#,
      report: #"""
        study.yaml:7:5: error: 'bernoulli-toy' has no weights to train and takes no 'states'
            7 |     states: [initial]
              |     ^~~~~~
           hint: remove the key; kinds with states: categorical-vae
        """#),
    BrokenFile(
      "state misspelt", in: .problems,
      #"""
        - kind: categorical-vae
          states: [inital]
      """#,
      report: #"""
        study.yaml:7:14: error: unknown state 'inital'
            7 |     states: [inital]
              |              ^~~~~~ did you mean 'initial'?
           hint: states: initial, {train: {...}} or {checkpoint: NAME}
        """#),
    BrokenFile(
      "state without settings", in: .problems,
      #"""
        - kind: categorical-vae
          states: [initial, train]
      """#,
      report: #"""
        study.yaml:7:23: error: 'train' needs settings
            7 |     states: [initial, train]
              |                       ^~~~~
           hint: states: initial, {train: {...}} or {checkpoint: NAME}
        """#),
    BrokenFile(
      "state with two keys", in: .problems,
      #"""
        - kind: categorical-vae
          states: [{checkpoint: a, train: {estimator: st, steps: 5}}]
      """#,
      report: #"""
        study.yaml:7:30: error: a state is either trained or a checkpoint, found both
            7 |     states: [{checkpoint: a, train: {estimator: st, steps: 5}}]
              |                              ^~~~~
           hint: write two entries below `states`
        """#),
    BrokenFile(
      "states empty", in: .problems,
      #"""
        - kind: categorical-vae
          states: []
      """#,
      report: #"""
        study.yaml:7:13: error: 'states' is an empty list
            7 |     states: []
              |             ^~
           hint: states: initial, {train: {...}} or {checkpoint: NAME}
        """#),
    BrokenFile(
      "empty state", in: .problems,
      #"""
        - kind: categorical-vae
          states: [{}]
      """#,
      report: #"""
        study.yaml:7:14: error: an empty state
            7 |     states: [{}]
              |              ^~
           hint: states: initial, {train: {...}} or {checkpoint: NAME}
        """#),
    BrokenFile(
      "train misspelt", in: .problems,
      #"""
        - kind: categorical-vae
          states: [{trian: {estimator: st, steps: 5}}]
      """#,
      report: #"""
        study.yaml:7:15: error: unknown key 'trian' in a state
            7 |     states: [{trian: {estimator: st, steps: 5}}]
              |               ^~~~~ did you mean 'train'?
           hint: keys: train, checkpoint
        """#),
    BrokenFile(
      "train without steps", in: .problems,
      #"""
        - kind: categorical-vae
          states:
            - train: {estimator: st}
      """#,
      report: #"""
        study.yaml:8:16: error: 'steps' is missing in 'train'
            8 |       - train: {estimator: st}
              |                ^~~~~~~~~~~~~~~
           hint: train: {estimator: NAME, steps: 1000, learning-rate: 5.0e-4, batch: 100, seed: 1}
        """#),
    BrokenFile(
      "train without estimator", in: .problems,
      #"""
        - kind: categorical-vae
          states:
            - train: {steps: 5}
      """#,
      report: #"""
        study.yaml:8:16: error: 'estimator' is missing in 'train'
            8 |       - train: {steps: 5}
              |                ^~~~~~~~~~
           hint: train: {estimator: NAME, steps: 1000, learning-rate: 5.0e-4, batch: 100, seed: 1}
        """#),
    BrokenFile(
      "train with unknown estimator", in: .problems,
      #"""
        - kind: categorical-vae
          states:
            - train: {estimator: rienmax, steps: 5}
      """#,
      report: #"""
        study.yaml:8:28: error: unknown estimator kind 'rienmax'
            8 |       - train: {estimator: rienmax, steps: 5}
              |                            ^~~~~~~ did you mean 'reinmax'?
           hint: `gradfid list estimators` shows all 9 kinds
        """#),
    BrokenFile(
      "train with a parameter of another estimator", in: .problems,
      #"""
        - kind: categorical-vae
          states:
            - train: {estimator: reinforce, tau: 1, steps: 5}
      """#,
      report: #"""
        study.yaml:8:39: error: unknown key 'tau' in 'train' with reinforce
            8 |       - train: {estimator: reinforce, tau: 1, steps: 5}
              |                                       ^~~
           hint: keys: estimator, optimiser, schedule, clip, steps, learning-rate, batch, seed, save
        """#),
    BrokenFile(
      "train with an axis", in: .problems,
      #"""
        - kind: categorical-vae
          states:
            - train: {estimator: st, tau: [0.5, 1], steps: 5}
      """#,
      report: #"""
        study.yaml:8:37: error: 'tau' takes one value here, found a list
            8 |       - train: {estimator: st, tau: [0.5, 1], steps: 5}
              |                                     ^~~~~~~~
           hint: write one `train` state per setting
        """#),
    BrokenFile(
      "train steps out of range", in: .problems,
      #"""
        - kind: categorical-vae
          states:
            - train: {estimator: st, steps: 2000000}
      """#,
      report: #"""
        study.yaml:8:39: error: 'steps' must be a whole number from 1 to 1000000, found '2000000'
            8 |       - train: {estimator: st, steps: 2000000}
              |                                       ^~~~~~~
           hint: steps: optimiser steps
        """#),
    BrokenFile(
      "train learning rate", in: .problems,
      #"""
        - kind: categorical-vae
          states:
            - train: {estimator: st, steps: 5, learning-rate: 0}
      """#,
      report: #"""
        study.yaml:8:57: error: 'learning-rate' must be a number above 0, found '0'
            8 |       - train: {estimator: st, steps: 5, learning-rate: 0}
              |                                                         ^
           hint: learning-rate: step size; default 5.0e-4
        """#),
    BrokenFile(
      "train batch", in: .problems,
      #"""
        - kind: categorical-vae
          states:
            - train: {estimator: st, steps: 5, batch: 0}
      """#,
      report: #"""
        study.yaml:8:49: error: 'batch' must be a whole number from 1 to 1000000, found '0'
            8 |       - train: {estimator: st, steps: 5, batch: 0}
              |                                                 ^
           hint: batch: rows per step; default 100
        """#),
    BrokenFile(
      "train is a text", in: .problems,
      #"""
        - kind: categorical-vae
          states:
            - train: st
      """#,
      report: #"""
        study.yaml:8:16: error: 'train' must be a mapping, found 'st'
            8 |       - train: st
              |                ^~
           hint: train: {estimator: NAME, steps: 1000, learning-rate: 5.0e-4, batch: 100, seed: 1}
        """#),
    BrokenFile(
      "checkpoint leaves its folder", in: .problems,
      #"""
        - kind: categorical-vae
          states: [{checkpoint: ../secret}]
      """#,
      report: #"""
        study.yaml:7:27: error: 'checkpoint' cannot be '../secret'
            7 |     states: [{checkpoint: ../secret}]
              |                           ^~~~~~~~~ did you mean 'secret'?
           hint: a name has the characters A-Z, a-z, 0-9, -, _ and ., starts with a letter or \#
        digit, and is at most 80 long
        """#),
    BrokenFile(
      "save in several settings", in: .problems,
      #"""
        - kind: categorical-vae
          latents: [2, 4]
          states:
            - train: {estimator: st, steps: 5, save: w}
      """#,
      report: #"""
        study.yaml:9:9: error: each setting of this entry would save its weights as 'w'
            9 |       - train: {estimator: st, steps: 5, save: w}
              |         ^~~~~
           hint: write one entry per setting, each with its own name
        """#),
    BrokenFile(
      "save of two trainings", in: .problems,
      #"""
        - kind: categorical-vae
          states:
            - train: {estimator: st, steps: 5, save: w}
            - train: {estimator: st, steps: 6, save: w}
      """#,
      report: #"""
        study.yaml:9:9: error: other weights are saved as 'w' already
            9 |       - train: {estimator: st, steps: 6, save: w}
              |         ^~~~~
           hint: give each trained state its own name
        """#),
  ]
}

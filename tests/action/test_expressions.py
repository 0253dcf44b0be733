"""The evaluator that the other tests stand on, against what GitHub documents."""

import unittest

from expressions import fill, holds

CONTEXTS = {"inputs": {"a": "x", "empty": ""}, "steps": {"run": {"outputs": {"exit-code": "14"}}},
            "github": {"event": {"number": 5, "flag": True}}}


class Expressions(unittest.TestCase):
    def test_values(self):
        cases = {"${{ inputs.a }}": "x", "${{ inputs.none }}": "", "a ${{ inputs.a }} b": "a x b",
                 "${{ github.event.none.deeper || github.event.number }}": "5",
                 "${{ inputs.empty || 'other' }}": "other", "${{ steps.run.outputs.exit-code }}": "14",
                 "${{ github.event.flag }}": "true", "${{ inputs.a == 'X' }}": "true",
                 "${{ 'it''s' }}": "it's", "${{ !inputs.a }}": "false",
                 "${{ (inputs.a == 'y' || inputs.a == 'x') && 'both' }}": "both"}
        for text, wanted in cases.items():
            with self.subTest(text):
                self.assertEqual(fill(text, CONTEXTS), wanted)

    def test_conditions(self):
        good = {"success": True, "failure": False, "cancelled": False, "always": True}
        bad = {"success": False, "failure": True, "cancelled": False, "always": True}
        self.assertTrue(holds(None, CONTEXTS, good))
        self.assertFalse(holds(None, CONTEXTS, bad))
        self.assertFalse(holds("${{ inputs.a == 'x' }}", CONTEXTS, bad), "success() is understood")
        self.assertTrue(holds("${{ !cancelled() && inputs.a == 'x' }}", CONTEXTS, bad))
        self.assertTrue(holds("always()", CONTEXTS, bad))

    def test_what_is_not_known_is_no_guess(self):
        for text in ("${{ format('x') }}", "${{ inputs['a'] }}", "${{ 1 < 2 }}", "${{ inputs.a inputs.b }}"):
            with self.subTest(text), self.assertRaises((ValueError, KeyError, AssertionError, TypeError)):
                fill(text, CONTEXTS)


if __name__ == "__main__":
    unittest.main()

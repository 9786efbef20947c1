//! `Statement`: what an operator says that it owes, and the place of what customers check.

use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyMapping, PyMappingProxy, PyString, PyTuple};
use tallystick_proof::codec::{Summed, Wire};
use tallystick_proof::liabilities::{Draft, HASH, SignedStatement, Statement, StatementAsset, verify};
use tallystick_proof::verify::Refusal;

use super::claim::{UserId, extract_array, extract_balances, extract_id, extract_text};
use super::signature::{body_of, extract_note, lines_of, signed_by, verify_signature};
use super::{PyAssetHead, PyReceipt};
use crate::codec::{Encoded, unlocked, wire_methods};
use crate::errors::{chain_error, head_error, invalid, no_note, note_error, refused, statement_error};
use crate::hash::resolve;
use crate::head::hex;
use crate::indices::extract_size;
use crate::rows::buffer::type_name;
use crate::scheme::{PyScheme, sum_or_native};
use crate::sum::PySumHead;

/// What an operator says that it owes at one time: a sum tree an asset, in a chain of statements.
///
/// Snapshots make statements. The constructor takes the parts from elsewhere: ``assets`` maps a code, or a pair of code and
/// group, to its :class:`AssetHead`; ``previous`` is the digest of the statement before, and left out in the first. Texts
/// have 1 to 255 bytes without control characters, quotes and backslashes; codes 1 to 16 of ``A-Z 0-9 . -``. Raises
/// ``ValueError`` for parts that do not go together and ``TypeError`` for other types.
///
/// Two statements are equal when they say the same; signatures do not count. Costs one hash.
///
/// >>> from tallystick.liabilities import AssetHead, Statement
/// >>> statement = Statement(
/// ...     origin="exchange.example", sequence=0, snapshot_id="2026-01-01", time=1_767_225_600,
/// ...     assets={"BTC": AssetHead(8, 3, 2, 150_000_000, bytes(32)), ("EUR", "CH"): AssetHead(2, 0, 0, 0, bytes(32))})
/// >>> statement
/// <Statement exchange.example 0: 2026-01-01, 2 trees, digest 116e4c1d…>
/// >>> list(statement.assets), list(statement.groups)
/// (['BTC'], [('BTC', ''), ('EUR', 'CH')])
/// >>> statement == Statement.from_json(statement.to_json())
/// True
#[pyclass(frozen, module = "tallystick.liabilities", name = "Statement")]
pub(crate) struct PyStatement {
    signed: SignedStatement,
    assets: PyOnceLock<Py<PyMappingProxy>>,
    groups: PyOnceLock<Py<PyMappingProxy>>,
}

impl PyStatement {
    /// Around a statement with its signatures.
    pub(super) fn signed_as(signed: SignedStatement) -> Self {
        Self { signed, assets: PyOnceLock::new(), groups: PyOnceLock::new() }
    }

    /// The statement with its signatures.
    pub(super) fn signed(&self) -> &SignedStatement {
        &self.signed
    }

    fn statement(&self) -> &Statement {
        &self.signed.statement
    }
}

#[pymethods]
impl PyStatement {
    #[new]
    #[pyo3(signature = (*, origin, sequence, snapshot_id, time, assets, previous=None, scheme=None))]
    fn new(
        origin: &Bound<'_, PyAny>,
        sequence: &Bound<'_, PyAny>,
        snapshot_id: &Bound<'_, PyAny>,
        time: &Bound<'_, PyAny>,
        assets: &Bound<'_, PyAny>,
        previous: Option<&Bound<'_, PyAny>>,
        scheme: Option<&Bound<'_, PyScheme>>,
    ) -> PyResult<Self> {
        let previous = previous.map(|digest| extract_array(digest, "previous")).transpose()?;
        let draft = Draft {
            origin: extract_text(origin, "the origin")?,
            sequence: extract_size(sequence, "the sequence")?,
            snapshot_id: extract_text(snapshot_id, "the snapshot id")?,
            time: extract_size(time, "the time")?,
            previous: previous.unwrap_or([0; HASH]),
            scheme: sum_or_native(scheme)?,
            assets: extract_assets(assets)?,
        };
        Statement::new(draft).map(Self::of).map_err(statement_error)
    }

    /// Who owes.
    #[getter]
    fn origin(&self) -> &str {
        &self.statement().origin
    }

    /// 0 in the first statement, then one more each time.
    #[getter]
    fn sequence(&self) -> u64 {
        self.statement().sequence
    }

    /// Of when; no two snapshots of an origin have the same.
    #[getter]
    fn snapshot_id(&self) -> &str {
        &self.statement().snapshot_id
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[getter]
    fn time(&self) -> u64 {
        self.statement().time
    }

    /// The scheme of the trees, without their contexts.
    #[getter]
    fn scheme(&self) -> PyScheme {
        PyScheme(self.statement().scheme.clone())
    }

    /// Digest of the statement before; 32 zero bytes in the first.
    #[getter]
    fn previous<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.statement().previous)
    }

    /// What receipts, and the next statement, name this one by: 32 bytes.
    #[getter]
    fn digest<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.statement().digest())
    }

    /// The trees without a group: :class:`AssetHead` by code, a read-only mapping. A tree of a group is in :attr:`groups` alone.
    #[getter]
    fn assets<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyMappingProxy>> {
        let made = || {
            let heads = PyDict::new(py);
            for asset in self.statement().assets.iter().filter(|asset| asset.group.is_empty()) {
                heads.set_item(&asset.code, PyAssetHead::of(asset))?;
            }
            PyResult::Ok(PyMappingProxy::new(py, heads.as_mapping()).unbind())
        };
        Ok(self.assets.get_or_try_init(py, made)?.bind(py))
    }

    /// All trees: :class:`AssetHead` by code and group, ascending, a read-only mapping. ``assets`` has those of the empty
    /// group.
    #[getter]
    fn groups<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyMappingProxy>> {
        let made = || {
            let heads = PyDict::new(py);
            for asset in &self.statement().assets {
                heads.set_item(asset.key(), PyAssetHead::of(asset))?;
            }
            PyResult::Ok(PyMappingProxy::new(py, heads.as_mapping()).unbind())
        };
        Ok(self.groups.get_or_try_init(py, made)?.bind(py))
    }

    /// The signature lines, unchecked: a tuple of :class:`tallystick.tlog.Signature`.
    #[getter]
    fn signatures<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        lines_of(py, &self.signed.signatures)
    }

    /// What is signed: the note up to its empty line, as UTF-8. Raises ``ValueError`` for a statement of so many assets that
    /// its note would have more than 1,000,000 characters.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        body_of(py, &self.signed)
    }

    /// The head of one tree, rebuilt from this statement alone: its scheme's context says which asset of which snapshot it is.
    ///
    /// Raises ``KeyError`` for an asset or group that is not listed.
    ///
    /// >>> from tallystick.liabilities import AssetHead, Statement
    /// >>> statement = Statement(
    /// ...     origin="exchange.example", sequence=0, snapshot_id="2026-01-01", time=1_767_225_600,
    /// ...     assets={"BTC": AssetHead(8, 3, 2, 150_000_000, bytes(32))})
    /// >>> statement.head("BTC")
    /// <SumHead native_sum/blake3: size 3, total 150000000, root ...>
    #[pyo3(signature = (code, group=""))]
    fn head(&self, code: &str, group: &str) -> PyResult<PySumHead> {
        let Some(asset) = self.statement().asset(code, group) else {
            return Err(PyKeyError::new_err((code.to_owned(), group.to_owned())));
        };
        self.statement().head(asset).map(|head| PySumHead(Summed(head))).map_err(head_error)
    }

    /// Checks a receipt for the customer ``user_id``; returns what it proves: by code, in minor units, in all groups together.
    ///
    /// It proves that these amounts are counted, for this id, in the totals of this statement. It does not prove that nothing
    /// is left out: an asset that is absent is unproven, not zero. State what you expect in ``expected``, amounts by
    /// code, and other amounts are refused; zeros are as good as absent. Nor does it prove that the statement is the
    /// operator's, or that it has what it owes: check the signature and that it follows the last one you saw.
    ///
    /// A ``str`` stands for its UTF-8, not normalised. Raises :class:`InvalidProof` with a reason for every claim that is not
    /// proven, whatever its values; ``TypeError`` for wrong types. Costs one inclusion proof a part.
    ///
    /// >>> import tallystick as ts
    /// >>> from tallystick.liabilities import AssetHead, Receipt, ReceiptAsset, ReceiptPart, Statement
    /// >>> def statement(root):
    /// ...     return Statement(origin="exchange.example", sequence=0, snapshot_id="2026-01-01", time=0,
    /// ...                      assets={"BTC": AssetHead(8, 1, 1, 5, root)})
    /// >>> salt = bytes(16)
    /// >>> leaf = salt + b"\x00\x00\x01\x00" + b"alice"  # part 0 of 1
    /// >>> tree = ts.SumTree([leaf], [5], scheme=statement(bytes(32)).head("BTC").scheme)
    /// >>> trusted = statement(tree.root)
    /// >>> part = ReceiptPart(0, 5, salt, tree.prove(0))
    /// >>> receipt = Receipt(trusted.digest, [ReceiptAsset("BTC", "", [part])])
    /// >>> trusted.verify(receipt, "alice", {"BTC": 5})
    /// {'BTC': 5}
    /// >>> trusted.verify(receipt, "alice", {"BTC": 5, "ETH": 1})
    /// Traceback (most recent call last):
    /// tallystick.errors.InvalidProof: of ETH something else is proven than expected
    #[pyo3(signature = (receipt, user_id, expected=None))]
    fn verify<'py>(
        &self,
        py: Python<'py>,
        receipt: &Bound<'py, PyReceipt>,
        user_id: &Bound<'py, PyAny>,
        expected: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let id = extract_id(user_id)?;
        let expected = expected.map(extract_balances).transpose()?;
        let receipt = receipt.get();
        let proven = unlocked(py, receipt.weight(), || verify(self.statement(), &receipt.0, &id, expected.as_ref()));
        let proven = proven.map_err(|refusal| match (refusal, &id) {
            (Refusal::MalformedLeaf(_), UserId::NoText) => {
                invalid(py, "MALFORMED_LEAF", "an id with lone surrogates is no text".to_owned())
            }
            (refusal, _) => refused(py, refusal),
        })?;
        let balances = PyDict::new(py);
        for (code, amount) in proven {
            balances.set_item(code, amount)?;
        }
        Ok(balances)
    }

    /// Checks that this is the next statement after ``older``; returns nothing if so.
    ///
    /// Origin, sequence, ``previous`` against the digest of ``older``, snapshot id, time, and that every asset is still listed
    /// with the same decimals. Raises :class:`ChainError` with a reason; ``TypeError`` for anything but a statement.
    ///
    /// >>> from tallystick.liabilities import Statement
    /// >>> first = Statement(origin="exchange.example", sequence=0, snapshot_id="day 1", time=0, assets={})
    /// >>> second = Statement(
    /// ...     origin="exchange.example", sequence=1, snapshot_id="day 2", time=86_400, assets={}, previous=first.digest)
    /// >>> second.follows(first)
    /// >>> first.follows(second)
    /// Traceback (most recent call last):
    /// tallystick.errors.ChainError: statement 0 is not the next after statement 1
    #[pyo3(signature = (older))]
    fn follows(&self, py: Python<'_>, older: &Bound<'_, Self>) -> PyResult<()> {
        self.statement().follows(older.get().statement()).map_err(|error| chain_error(py, error))
    }

    /// The same statement with one signature more, over ``body``; this one stays as it is.
    ///
    /// ``signer`` is a :class:`Signer`, as :class:`Ed25519Signer`. A signature line that is there already is not put twice.
    /// Raises ``TypeError`` for anything else, ``ValueError`` for a name or key id that no line can have, for more than 100
    /// signatures, and for a statement that has no note; what the signer raises passes through.
    ///
    /// >>> from tallystick.liabilities import Ed25519Signer, Statement
    /// >>> signer = Ed25519Signer.from_seed("exchange.example", bytes(32))
    /// >>> statement = Statement(origin="exchange.example", sequence=0, snapshot_id="day 1", time=0, assets={})
    /// >>> signed = statement.sign(signer)
    /// >>> signed == statement, len(signed.signatures), len(statement.signatures)
    /// (True, 1, 0)
    /// >>> signed.verify_signature(signer.verifier)
    #[pyo3(signature = (signer))]
    fn sign(&self, signer: &Bound<'_, PyAny>) -> PyResult<Self> {
        signed_by(&self.signed, signer).map(Self::signed_as)
    }

    /// Checks that the key of ``verifier`` has signed this statement; returns nothing if so.
    ///
    /// ``verifier`` is a :class:`Verifier`, as :class:`Ed25519Verifier`, whose key you trust for this origin. Each line of its
    /// name and key id must be a right signature, and there must be one; all other lines are passed over. Raises
    /// :class:`InvalidSignature` otherwise, ``TypeError`` for anything that is no verifier.
    ///
    /// >>> from tallystick.liabilities import Ed25519Signer, Statement
    /// >>> signer = Ed25519Signer.from_seed("exchange.example", bytes(32))
    /// >>> Statement(
    /// ...     origin="exchange.example", sequence=0, snapshot_id="day 1", time=0, assets={}
    /// ... ).verify_signature(signer.verifier)
    /// Traceback (most recent call last):
    /// tallystick.errors.InvalidSignature: none of 0 signatures is of the key "exchange.example" with this key id
    #[pyo3(signature = (verifier))]
    fn verify_signature(&self, verifier: &Bound<'_, PyAny>) -> PyResult<()> {
        verify_signature(&self.signed, verifier)
    }

    /// The text that others read, a signed note: body, empty line, signature lines. Raises ``ValueError`` where ``body`` does.
    ///
    /// Write it to a file as UTF-8 bytes: text mode may change the ends of lines.
    ///
    /// >>> from tallystick.liabilities import Statement
    /// >>> print(Statement(
    /// ...     origin="exchange.example", sequence=0, snapshot_id="day 1", time=0, assets={}).to_note(), end="")
    /// exchange.example
    /// tallystick/v1/statement
    /// sequence 0
    /// snapshot day 1
    /// time 0
    /// previous AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
    /// scheme native_sum/blake3
    /// digest ...
    /// <BLANKLINE>
    #[pyo3(signature = ())]
    fn to_note(&self, py: Python<'_>) -> PyResult<String> {
        unlocked(py, self.weight(), || self.signed.note()).map_err(no_note)
    }

    /// Reads :meth:`to_note`, as text or as bytes, with its signatures, which are not checked. Raises :class:`DecodeError` for
    /// anything else.
    ///
    /// >>> from tallystick.liabilities import Statement
    /// >>> statement = Statement(origin="exchange.example", sequence=0, snapshot_id="day 1", time=0, assets={})
    /// >>> Statement.from_note(statement.to_note()) == statement
    /// True
    #[staticmethod]
    #[pyo3(signature = (note, /))]
    fn from_note(py: Python<'_>, note: &Bound<'_, PyAny>) -> PyResult<Self> {
        let note = extract_note(note)?;
        let read = unlocked(py, note.len(), || SignedStatement::read(&note, &resolve));
        read.map(Self::signed_as).map_err(note_error)
    }

    fn __repr__(&self) -> String {
        let statement = self.statement();
        let digest = hex(statement.digest().get(..4).unwrap_or_default());
        let signed = match self.signed.signatures.len() {
            0 => String::new(),
            count => format!(", {count} signatures"),
        };
        let (origin, sequence, snapshot_id) = (&statement.origin, statement.sequence, &statement.snapshot_id);
        let trees = statement.assets.len();
        format!("<Statement {origin} {sequence}: {snapshot_id}, {trees} trees, digest {digest}…{signed}>")
    }
}

impl Encoded for PyStatement {
    type Inner = Statement;

    fn inner(&self) -> &Statement {
        self.statement()
    }

    fn of(inner: Statement) -> Self {
        Self::signed_as(SignedStatement { statement: inner, signatures: Vec::new() })
    }

    fn weight(&self) -> usize {
        self.statement().assets.len().saturating_mul(128)
    }

    fn pickled(&self) -> (&'static str, Vec<u8>) {
        match self.signed.note() {
            // What has signatures has a note, because the one was read from the other or written with it.
            Ok(note) if !self.signed.signatures.is_empty() => ("from_note", note.into_bytes()),
            _ => ("from_bytes", self.statement().encode()),
        }
    }
}

wire_methods!(
    PyStatement,
    "from tallystick.liabilities import Statement",
    "Statement(origin='exchange.example', sequence=0, snapshot_id='day 1', time=0, assets={})"
);

/// Trees by code, or by code and group, in their order.
fn extract_assets(obj: &Bound<'_, PyAny>) -> PyResult<Vec<StatementAsset>> {
    let Ok(mapping) = obj.cast::<PyMapping>() else {
        return Err(PyTypeError::new_err(format!(
            "assets must be a mapping of codes to AssetHeads, not {}",
            type_name(obj)
        )));
    };
    let mut assets = Vec::new();
    for item in mapping.items()? {
        let (key, head): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let (code, group) = match key.cast::<PyTuple>() {
            Ok(pair) if pair.len() == 2 => {
                (extract_text(&pair.get_item(0)?, "a code")?, extract_text(&pair.get_item(1)?, "a group")?)
            }
            Ok(pair) => {
                return Err(PyTypeError::new_err(format!("a tree is named by code and group, not by {}", pair.len())));
            }
            Err(_) => (extract_text(&key, "a code")?, String::new()),
        };
        let Ok(own) = head.cast::<PyAssetHead>() else {
            let found = type_name(&head);
            return Err(PyTypeError::new_err(format!("assets[{code:?}] must be an AssetHead, not {found}")));
        };
        assets.push(own.get().named(code, group));
    }
    assets.sort_by(|left, right| left.key().cmp(&right.key()));
    match assets.windows(2).find(|pair| pair[0].key() == pair[1].key()) {
        Some(pair) => {
            let (code, group) = pair[0].key();
            Err(PyValueError::new_err(format!("{code} of group {group:?} is given twice: a code is its empty group")))
        }
        None => Ok(assets),
    }
}

"""Opens what documents are printed with: the templates beside the regulation, and the store of documents."""

from adapters.database.reader import RecordReader
from adapters.documents.opening import open_documents
from adapters.forms.printer import TypstPrinter
from adapters.host_clock import host_now
from adapters.keys import KeyRing
from adapters.settings import Settings
from desk.printing.printing import Printing
from models.library import Library


def printing_of(settings: Settings, reader: RecordReader, library: Library, ring: KeyRing) -> Printing:
    """Where documents of this record are printed; MalformedError for a folder without templates."""
    printer, store = TypstPrinter(settings.forms), open_documents(settings, ring)
    return Printing(reader, library, ring, printer, store, settings.documents_address, host_now)

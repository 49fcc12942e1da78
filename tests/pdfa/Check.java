import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Says of each PDF of a folder whether veraPDF finds it to be PDF/A-2a and PDF/UA-1; ends with 1 if one is not. */
class Check {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        List<Path> files;
        try (Stream<Path> found = Files.list(Path.of(arguments[0]))) {
            files = found.filter(file -> file.toString().endsWith(".pdf")).sorted().collect(Collectors.toList());
        }
        int failed = 0;
        for (Path file : files) {
            for (PDFAFlavour flavour : List.of(PDFAFlavour.PDFA_2_A, PDFAFlavour.PDFUA_1)) {
                failed += check(file, flavour) ? 0 : 1;
            }
        }
        System.out.println(files.size() + " documents, each twice: " + failed + " failed");
        System.exit(files.isEmpty() || failed > 0 ? 1 : 0);
    }

    private static boolean check(Path file, PDFAFlavour flavour) throws Exception {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(file.toFile(), flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            System.out.println((result.isCompliant() ? "ok     " : "FAILED ") + flavour.getId() + " " + file.getFileName()
                    + ", " + result.getTotalAssertions() + " checks");
            for (TestAssertion broken : result.getTestAssertions()) {
                if (broken.getStatus() == TestAssertion.Status.FAILED) {
                    System.out.println("       " + broken.getRuleId().getClause() + ": " + broken.getMessage());
                }
            }
            return result.isCompliant();
        }
    }
}

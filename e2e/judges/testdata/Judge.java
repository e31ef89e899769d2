import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.util.Store;

/**
 * Judge opens PDFs with PDFBox and checks every signature with Bouncy Castle, and its path to a root with PKIX.
 * Each line of its input is the path of a root (PEM), a tab and the path of a file; each line of its output says
 * how many signatures, timestamps of signatures and document timestamps hold, or what went wrong. Of a file
 * without signatures it says whether PDFBox can open it at all.
 */
public class Judge {
    static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();

    final TrustAnchor root;
    int signatures, tokens, stamps;

    Judge(String root) throws Exception {
        try (InputStream in = new FileInputStream(root)) {
            this.root = new TrustAnchor((X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in), null);
        }
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null;) {
            try {
                String[] question = line.split("\t");
                System.out.println(new Judge(question[0]).judge(new File(question[1])));
            } catch (Throwable e) {
                System.out.println("error " + String.valueOf(e).replaceAll("[\r\n]", " "));
            }
        }
    }

    String judge(File file) throws Exception {
        try (PDDocument document = PDDocument.load(file)) {
            for (PDSignature s : document.getSignatureDictionaries()) {
                byte[] content;
                try (FileInputStream in = new FileInputStream(file)) {
                    content = s.getSignedContent(in);
                }
                if ("ETSI.RFC3161".equals(s.getSubFilter())) {
                    token(new TimeStampToken(new CMSSignedData(s.getContents())), content);
                    stamps++;
                } else {
                    signature(new CMSSignedData(new CMSProcessableByteArray(content), s.getContents()));
                    signatures++;
                }
            }
        }
        return "ok " + signatures + " " + tokens + " " + stamps;
    }

    /** Checks digest, value, timestamps and certificate; the certificate at the time of the newest of them, or now. */
    void signature(CMSSignedData cms) throws Exception {
        if (cms.getSignerInfos().size() != 1) {
            throw new Exception("a container with other than one signer");
        }
        SignerInformation signer = cms.getSignerInfos().getSigners().iterator().next();
        X509Certificate certificate = only(cms.getCertificates(), signer.getSID());
        if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider(PROVIDER).build(certificate))) {
            throw new Exception("a signature does not hold");
        }
        Date at = new Date();
        for (Attribute a : stampsOf(signer)) {
            byte[] der = a.getAttrValues().getObjectAt(0).toASN1Primitive().getEncoded();
            at = token(new TimeStampToken(new CMSSignedData(der)), signer.getSignature());
            tokens++;
        }
        path(cms.getCertificates(), certificate, at);
    }

    static List<Attribute> stampsOf(SignerInformation signer) {
        List<Attribute> found = new ArrayList<>();
        if (signer.getUnsignedAttributes() != null) {
            ASN1EncodableVector all = signer.getUnsignedAttributes().getAll(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken);
            for (int i = 0; i < all.size(); i++) {
                found.add(Attribute.getInstance(all.get(i)));
            }
        }
        return found;
    }

    /** Checks a token, its imprint and its certificate at its own time, which it answers. */
    Date token(TimeStampToken token, byte[] content) throws Exception {
        X509Certificate certificate = only(token.getCertificates(), token.getSID());
        token.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider(PROVIDER).build(certificate));
        MessageDigest digest = MessageDigest.getInstance(token.getTimeStampInfo().getMessageImprintAlgOID().getId(), PROVIDER);
        if (!Arrays.equals(digest.digest(content), token.getTimeStampInfo().getMessageImprintDigest())) {
            throw new Exception("a timestamp is of other bytes");
        }
        Date at = token.getTimeStampInfo().getGenTime();
        path(token.getCertificates(), certificate, at);
        return at;
    }

    /** Finds a path to our root through the certificates of a container, valid at a time. Revocation is for others. */
    void path(Store<X509CertificateHolder> store, X509Certificate certificate, Date at) throws Exception {
        List<X509Certificate> all = new ArrayList<>();
        for (X509CertificateHolder holder : store.getMatches(null)) {
            all.add(plain(holder));
        }
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(certificate);
        PKIXBuilderParameters how = new PKIXBuilderParameters(Collections.singleton(root), target);
        how.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(all)));
        how.setRevocationEnabled(false);
        how.setDate(at);
        CertPathBuilder.getInstance("PKIX").build(how);
    }

    @SuppressWarnings("unchecked")
    static X509Certificate only(Store<X509CertificateHolder> store, Object sid) throws Exception {
        return plain(store.getMatches((org.bouncycastle.util.Selector<X509CertificateHolder>) sid).iterator().next());
    }

    /** The certificate as Java's own PKIX knows it. */
    static X509Certificate plain(X509CertificateHolder holder) throws Exception {
        return new JcaX509CertificateConverter().getCertificate(holder);
    }
}

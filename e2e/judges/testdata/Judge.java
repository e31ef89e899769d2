import java.io.File;
import java.io.FileInputStream;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
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

/**
 * Judge opens PDFs with PDFBox and checks every signature with Bouncy Castle. It prints one line for each file:
 * the path, how many signatures, timestamps of signatures and document timestamps hold, or what went wrong.
 * Without signatures to expect, it says whether PDFBox can open the file at all.
 */
public class Judge {
    static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();

    public static void main(String[] args) throws Exception {
        for (String path : args) {
            try {
                System.out.println(path + "\t" + judge(new File(path)));
            } catch (Throwable e) {
                System.out.println(path + "\terror " + String.valueOf(e).replace('\n', ' '));
            }
        }
    }

    static String judge(File file) throws Exception {
        int signatures = 0, tokens = 0, stamps = 0;
        try (PDDocument document = PDDocument.load(file)) {
            for (PDSignature s : document.getSignatureDictionaries()) {
                byte[] content;
                try (FileInputStream in = new FileInputStream(file)) {
                    content = s.getSignedContent(in);
                }
                byte[] contents = s.getContents();
                if ("ETSI.RFC3161".equals(s.getSubFilter())) {
                    token(new TimeStampToken(new CMSSignedData(contents)), content);
                    stamps++;
                    continue;
                }
                tokens += signature(new CMSSignedData(new CMSProcessableByteArray(content), contents));
                signatures++;
            }
        }
        return "ok " + signatures + " " + tokens + " " + stamps;
    }

    /** Checks digest, value and certificate; answers how many timestamps the signature has. */
    static int signature(CMSSignedData cms) throws Exception {
        SignerInformation signer = cms.getSignerInfos().getSigners().iterator().next();
        Collection<?> found = cms.getCertificates().getMatches(signer.getSID());
        X509CertificateHolder holder = (X509CertificateHolder) found.iterator().next();
        X509Certificate certificate = new JcaX509CertificateConverter().setProvider(PROVIDER).getCertificate(holder);
        if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider(PROVIDER).build(certificate))) {
            throw new Exception("a signature does not hold");
        }
        path(cms, holder);
        if (signer.getUnsignedAttributes() == null) {
            return 0;
        }
        Attribute stamp = signer.getUnsignedAttributes().get(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken);
        if (stamp == null) {
            return 0;
        }
        token(new TimeStampToken(new CMSSignedData(stamp.getAttrValues().getObjectAt(0).toASN1Primitive().getEncoded())),
            signer.getSignature());
        return 1;
    }

    /** Follows the certificates of the container up to one that issued itself. */
    static void path(CMSSignedData cms, X509CertificateHolder holder) throws Exception {
        JcaX509CertificateConverter plain = new JcaX509CertificateConverter().setProvider(PROVIDER);
        for (int depth = 0; !holder.getIssuer().equals(holder.getSubject()); depth++) {
            X509CertificateHolder issuer = null;
            for (Object o : cms.getCertificates().getMatches(null)) {
                X509CertificateHolder candidate = (X509CertificateHolder) o;
                if (candidate.getSubject().equals(holder.getIssuer())) {
                    issuer = candidate;
                }
            }
            if (issuer == null || depth > 4) {
                throw new Exception("the path of certificates has no end");
            }
            plain.getCertificate(holder).verify(plain.getCertificate(issuer).getPublicKey());
            holder = issuer;
        }
    }

    static void token(TimeStampToken token, byte[] content) throws Exception {
        X509CertificateHolder holder = (X509CertificateHolder) token.getCertificates().getMatches(token.getSID()).iterator().next();
        token.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider(PROVIDER).build(holder));
        MessageDigest digest = MessageDigest.getInstance(token.getTimeStampInfo().getMessageImprintAlgOID().getId(), PROVIDER);
        if (!Arrays.equals(digest.digest(content), token.getTimeStampInfo().getMessageImprintDigest())) {
            throw new Exception("a timestamp is of other bytes");
        }
    }
}

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Java's HttpClient, with its CookieManager, which is in memory only. */
public class Client {
    public static void main(String[] arguments) throws Exception {
        var client = HttpClient.newBuilder()
                .cookieHandler(new CookieManager())
                .sslContext(trusting(arguments[1]))
                .build();
        var lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null; ) {
            var words = line.split(" ", 3);
            var request = HttpRequest.newBuilder(URI.create(words[1]));
            if (!words[2].isEmpty()) {
                request.header("content-type", "application/x-www-form-urlencoded");
            }
            request.method(words[0], words[2].isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(words[2]));
            var response = client.send(request.build(), BodyHandlers.ofString());
            System.out.println(response.statusCode() + " " + response.body());
        }
    }

    private static SSLContext trusting(String authority) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (var file = new FileInputStream(authority)) {
            store.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}

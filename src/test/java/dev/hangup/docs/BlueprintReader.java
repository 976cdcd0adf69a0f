package dev.hangup.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.AnnotationValue;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The keys of a blueprint. Its annotations are not there when it runs, so that the compiler is asked for them, by a processor.
 */
@SupportedAnnotationTypes("io.helidon.builder.api.Prototype.Blueprint")
final class BlueprintReader extends AbstractProcessor {
    private static final String OPTION = "io.helidon.builder.api.Option.";
    private static final Map<String, String> KINDS = Map.of("java.time.Duration", "duration",
                                                            "java.lang.Integer", "integer", "int", "integer",
                                                            "java.lang.Long", "integer", "long", "integer",
                                                            "boolean", "boolean",
                                                            "double", "number",
                                                            "java.lang.String", "string",
                                                            "io.helidon.http.Method", "method");

    private final List<ConfigurationTable.Row> rows = new ArrayList<>();

    static List<ConfigurationTable.Row> read(Path blueprint) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
        BlueprintReader reader = new BlueprintReader();
        JavaCompiler.CompilationTask task = compiler.getTask(null, files, null,
                CompilerOptions.with("-proc:only"), null, files.getJavaFileObjects(blueprint));
        task.setProcessors(List.of(reader));
        if (!task.call()) {
            throw new AssertionError(blueprint + " cannot be compiled");
        }
        return reader.rows;
    }

    @Override
    public SourceVersion getSupportedSourceVersion() {
        return SourceVersion.latest();
    }

    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
        annotations.forEach(blueprint -> round.getElementsAnnotatedWith(blueprint)
                .forEach(it -> ElementFilter.methodsIn(it.getEnclosedElements()).forEach(this::add)));
        return false;
    }

    private void add(ExecutableElement option) {
        if (annotation(option, "Configured").isPresent()) {
            String key = option.getSimpleName().toString().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            rows.add(new ConfigurationTable.Row(key, kind(option.getReturnType()), byDefault(option)));
        }
    }

    private String kind(TypeMirror type) {
        if (!(type instanceof DeclaredType declared)) {
            return KINDS.get(type.toString());
        }
        String name = declared.asElement().toString();
        return switch (name) {
        case "java.util.Optional" -> kind(declared.getTypeArguments().getFirst());
        case "java.util.List", "java.util.Set" -> "list of " + kind(declared.getTypeArguments().getFirst()) + "s";
        default -> KINDS.getOrDefault(name, declared.asElement().getKind() == ElementKind.ENUM ? "word" : "node");
        };
    }

    /** Empty where there is none, or where it depends on the machine. */
    private static Optional<String> byDefault(ExecutableElement option) {
        boolean isEnum = option.getReturnType() instanceof DeclaredType it && it.asElement().getKind() == ElementKind.ENUM;
        return Stream.of("Default", "DefaultInt", "DefaultLong", "DefaultDouble", "DefaultBoolean")
                .flatMap(it -> annotation(option, it).stream())
                .map(it -> ((List<?>) it.getElementValues().values().iterator().next().getValue()).getFirst())
                .map(it -> ((AnnotationValue) it).getValue())
                .map(it -> it instanceof Double number && number % 1 == 0 ? number.longValue() : it)
                .map(it -> isEnum ? it.toString().toLowerCase(Locale.ROOT) : it.toString())
                .findFirst();
    }

    private static Optional<? extends AnnotationMirror> annotation(Element element, String name) {
        return element.getAnnotationMirrors().stream()
                .filter(it -> it.getAnnotationType().toString().equals(OPTION + name))
                .findFirst();
    }
}

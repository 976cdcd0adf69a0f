package dev.hangup.demo;

/** Whether what is written can be read: WCAG's contrast of text, level AA. */
final class Contrast {
    /** Returns what has too little of it. */
    static final String SCRIPT = """
            const parse = color => {
              const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
              return { r, g, b, a };
            };
            const luminance = ({ r, g, b }) => {
              const linear = it => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4;
              const [x, y, z] = [r, g, b].map(it => linear(it / 255));
              return 0.2126 * x + 0.7152 * y + 0.0722 * z;
            };
            const ground = element => {
              for (let it = element; it; it = it.parentElement) {
                const color = parse(getComputedStyle(it).backgroundColor);
                if (color.a > 0.99) {
                  return color;
                }
              }
              return parse('rgb(255, 255, 255)');
            };
            const poor = [];
            for (const element of document.querySelectorAll('body *')) {
              const written = [...element.childNodes].some(it => it.nodeType === Node.TEXT_NODE && it.textContent.trim());
              if (!written || !element.checkVisibility() || element.matches('.hidden, .skip')) {
                continue;
              }
              const style = getComputedStyle(element);
              const color = parse(element.closest('svg') ? style.fill : style.color);
              const [light, dark] = [luminance(color), luminance(ground(element))].sort((a, b) => b - a);
              const contrast = (light + 0.05) / (dark + 0.05);
              if (contrast < 4.5) {
                poor.push(`${element.textContent.trim()}: ${contrast.toFixed(2)}`);
              }
            }
            return poor;""";

    private Contrast() {
    }
}

// The tokens of the look: measures, colours by role, type. Nothing else in QML holds a number of pixels or a colour.
pragma Singleton
import QtQuick

QtObject {
    // set by the Face from its window and the snapshot; `settled` once the first frame is out
    property real scale: 1
    property string kind: "day"
    property int textPercent: 100
    property string language: "en"
    property bool motion: true
    property bool settled
    property list<string> own: [] // the hospital's brand, it under a finger, words on it; nothing for the kiosk's own
    property bool keys // in use: what they are on has its ring

    readonly property bool night: kind === "night"
    readonly property bool contrast: kind === "contrast"

    // measures: design pixels of a 1080 wide portrait screen, scaled to the window
    function px(design: real): real {
        return Math.round(design * scale);
    }
    readonly property real margin: px(64)
    readonly property real padding: px(40)
    readonly property real gap: px(24)
    readonly property real apart: px(16)
    readonly property real touch: px(88)
    readonly property real primary: px(136)
    readonly property real corner: px(20)
    readonly property real line: Math.max(1, px(contrast ? 3 : 2))

    // type: what is small grows with the person's choice; what is large already grows less, and stays the larger
    readonly property real grown: textPercent / 100
    readonly property real grownLarge: (3 + grown) / 4
    readonly property bool roomy: grown < 1.5
    readonly property int label: px(30 * grown)
    readonly property int body: px(34 * grown)
    readonly property int strong: px(40 * grown)
    readonly property int heading: px(60 * grownLarge)
    readonly property int amount: px(104) // grown, it would leave no room for what it is
    readonly property string family: language === "vi" ? marked : "Atkinson Hyperlegible Next"
    readonly property string marked: "Noto Sans" // Atkinson has half the letters of Vietnamese: a word is not set in two faces
    readonly property var digits: ({ tnum: 1 }) // of equal width

    // colours by role
    readonly property color paper: contrast ? "#000000" : night ? "#10171E" : "#F6F4EF"
    readonly property color card: contrast ? "#000000" : night ? "#1B252E" : "#FFFFFF"
    readonly property color ink: contrast ? "#FFFFFF" : night ? "#F4F6F7" : "#17212B"
    readonly property color muted: contrast ? "#FFFFFF" : night ? "#B7C2CC" : "#4A5763"
    readonly property color brand: contrast ? "#FFE100" : own.length ? own[0] : night ? "#7FD6CF" : "#0B5A5E"
    readonly property color brandPressed: contrast ? "#FFF18A" : own.length ? own[1] : night ? "#A5E4DF" : "#08474A"
    readonly property color brandInk: contrast ? "#000000" : own.length ? own[2] : night ? "#06282A" : "#FFFFFF"
    readonly property color good: contrast ? "#7FDCA0" : night ? "#7FDCA0" : "#1B6B3A"
    readonly property color warn: contrast ? "#FFC46B" : night ? "#FFC46B" : "#8A4B00"
    readonly property color bad: contrast ? "#FF9A94" : night ? "#FF9A94" : "#A3211F"
    readonly property color plate: "#FFFFFF" // under a logo, which was drawn for white paper
    readonly property color found: contrast ? "#FFE100" : "#7FDCA0" // on a photograph, over a dark line
    readonly property color focus: contrast ? "#00E5FF" : night ? "#FFB020" : "#C2410C"
    readonly property color edge: contrast ? "#FFFFFF" : night ? "#3B4A57" : "#D9D4C8"
    readonly property color touchEdge: contrast ? "#FFFFFF" : night ? "#8494A1" : "#7C8792"
    readonly property color pressed: contrast ? "#2A2A2A" : night ? "#2A3742" : "#ECE8DF"
    readonly property color codePaper: "#FFFFFF" // in every theme: a telephone reads dark on light
    readonly property color codeInk: "#000000"
    readonly property color dim: contrast ? "#D9000000" : night ? "#B3000000" : "#99101820"

    function familyOf(text: string): string {
        return /[ƠơƯư\u1ea0-\u1ef9]/.test(text) ? marked : family;
    }
    function tone(name: string): color {
        return name === "good" ? good : name === "warn" ? warn : name === "bad" ? bad : brand;
    }

    // motion: only with a purpose, and off with one switch
    readonly property int pageMs: motion ? 180 : 0
    readonly property int pressMs: motion ? 120 : 0
}

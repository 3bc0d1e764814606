// Words that the keys stop at: what a person who hears the screen reads one by one, and what scrolls a long one.
pragma ComponentBehavior: Bound
import QtQuick

Words {
    id: passage

    activeFocusOnTab: text.length > 0
    Accessible.focusable: activeFocusOnTab

    FocusRing { visible: passage.activeFocus && Theme.keys }
}

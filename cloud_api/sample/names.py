"""People and words of the sample: several zones and scripts, so that nothing in the house assumes ASCII."""

from __future__ import annotations

from collections.abc import Sequence

Person = tuple[str, str]  # name, IANA zone

TUTORS: Sequence[Person] = (
    ("Anna Bergström", "Europe/Berlin"),
    ("Rafael Nguyễn", "America/New_York"),
    ("Zeynep Şahin", "Europe/Istanbul"),
    ("Oluwaseun Adébáyò", "Africa/Lagos"),
    ("Priya Raghunathan", "Asia/Kolkata"),
    ("Hamish O’Connor", "Australia/Adelaide"),
)

STUDENTS: Sequence[Person] = (
    ("Mia Öztürk", "Europe/Berlin"),
    ("Jonas Weiß", "Europe/Berlin"),
    ("София Петрова", "Europe/Sofia"),
    ("Γιώργος Παππάς", "Europe/Athens"),
    ("李雨桐", "Asia/Shanghai"),
    ("佐藤 陽菜", "Asia/Tokyo"),
    ("김민준", "Asia/Seoul"),
    ("ليلى حدّاد", "Asia/Beirut"),
    ("נועה כהן", "Asia/Jerusalem"),
    ("आरव शर्मा", "Asia/Kolkata"),
    ("ปิยะ ศรีสุข", "Asia/Bangkok"),
    ("Chloé d’Arcy", "Europe/Paris"),
    ("Łukasz Żółw", "Europe/Warsaw"),
    ("Inês Conceição", "America/Sao_Paulo"),
    ("Siobhán Ní Bhriain", "Europe/Dublin"),
    ("Þórunn Ægisdóttir", "Atlantic/Reykjavik"),
    ("Nguyễn Thị Hương", "Asia/Ho_Chi_Minh"),
    ("Jack Okafor", "America/New_York"),
    ("Emma Kowalski", "America/Chicago"),
    ("Tāne Parata", "Pacific/Auckland"),
)

GUARDIANS: Sequence[Person] = (
    ("Elif Öztürk", "Europe/Berlin"),
    ("Петър Петров", "Europe/Sofia"),
    ("李建国", "Asia/Shanghai"),
    ("Ruth Okafor", "America/New_York"),
)

SUBJECTS: Sequence[str] = ("Algebra", "Geometry", "Physics", "Chemistry", "German", "English", "Latin", "Informatik")
PLACES: Sequence[str] = ("Library, room 2", "Café Müßiggang", "At the student’s home", "School, room 114")
NOTES: Sequence[str] = (
    "Bring the old exam.",
    "Homework: exercises 4 to 7.",
    "Exam on the 14th; practise fractions.",
    "Asked for more time on proofs – slowly.",
    "Parents want a short report: “how is it going?”",
)
CANCELLED_BECAUSE: Sequence[str] = ("Student is ill.", "Class trip.", "Tutor is ill.", "Exam was moved.")
